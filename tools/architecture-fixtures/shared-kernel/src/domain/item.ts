export type Item = { no: number; title: string };
