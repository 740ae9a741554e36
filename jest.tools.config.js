'use strict';

const specs = require('./jest.config.js');

/** The specs of the project's own rules, which `npm run arch` runs. @type {import('jest').Config} */
module.exports = { ...specs, roots: ['<rootDir>/tools'] };
