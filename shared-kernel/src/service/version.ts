/** Of this release, as OpenAPI and AsyncAPI say it. */
export const VERSION = '0.1.0';
