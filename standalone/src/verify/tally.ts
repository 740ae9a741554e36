/** Sums by name. A name whose sum is 0 costs nothing, so that what comes out even is forgotten at once. */
export class Tally {
  private readonly sums = new Map<string, number>();

  add(name: string, amount: number): void {
    const sum = (this.sums.get(name) ?? 0) + amount;
    if (sum === 0) this.sums.delete(name);
    else this.sums.set(name, sum);
  }

  /** The names whose sums are not 0. */
  get uneven(): Iterable<readonly [name: string, sum: number]> {
    return this.sums;
  }
}
