#!/usr/bin/env node
'use strict';

// npm links a bin while it installs, before anything is compiled: so the linked file is this one, and not dist/cli.js.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const cli = join(__dirname, '..', 'dist', 'cli.js');
if (!existsSync(cli)) {
  console.error('The command line is not compiled yet: run `npm run build` first.');
  process.exit(1);
}
process.setSourceMapsEnabled(true);
require(cli);
