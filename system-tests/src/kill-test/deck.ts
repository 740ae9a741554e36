/** Deals cards from a shuffled pack, and shuffles it again when it is empty: chance, and yet everything comes. */
export class Deck<Card> {
  private left: Card[] = [];

  constructor(
    private readonly pack: readonly Card[],
    private readonly random: () => number = Math.random,
  ) {}

  deal(): Card {
    if (this.left.length === 0) this.left = [...this.pack];
    const [card] = this.left.splice(Math.floor(this.random() * this.left.length), 1);
    return card!;
  }
}
