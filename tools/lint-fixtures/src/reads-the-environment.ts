// breaks node(no-process-env)
export const read = process.env['MODE'];
