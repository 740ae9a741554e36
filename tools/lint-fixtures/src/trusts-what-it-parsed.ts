// breaks typescript(no-unsafe-assignment)
export const parsed: number = JSON.parse('1');
