console.log(process.env['MODE']);

export const started = true;
