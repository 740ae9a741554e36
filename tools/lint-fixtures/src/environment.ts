export const environment = process.env['MODE'];
