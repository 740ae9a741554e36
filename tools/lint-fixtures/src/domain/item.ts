export interface Item {
  no: number;
}

export const someItem: Item = { no: 1 };
