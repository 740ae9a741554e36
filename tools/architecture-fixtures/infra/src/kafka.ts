export const broker = 'localhost:9092';
