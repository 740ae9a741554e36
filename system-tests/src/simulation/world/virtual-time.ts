import { settled } from '@library/shared-kernel/testing/test-clock';
import type { Clock } from '@library/shared-kernel/time/clock';

interface Waking {
  readonly at: number;
  /** Of two at the same time, the one that was asked for first. */
  readonly order: number;
  wake: (() => void) | undefined;
}

/** The only time there is. Nothing happens between two wakings, and all that one leads to is done before the next. */
export class VirtualTime implements Clock {
  private readonly heap: Waking[] = [];
  private order = 0;
  private passed = 0;

  constructor(private beginning: number) {}

  now(): number {
    return this.beginning + this.passed;
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return this.passed;
  }

  after(ms: number, wake: () => void): () => void {
    const waking: Waking = { at: this.passed + Math.max(0, ms), order: this.order++, wake };
    this.push(waking);
    return () => void (waking.wake = undefined);
  }

  /** So much time goes by in which nobody has anything to do: no timer wakes. */
  skip(ms: number): void {
    this.beginning += ms;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Lets time pass until so many milliseconds since the beginning, or until there was enough of it. */
  async pass(until: number, enough: () => boolean = () => false): Promise<void> {
    await settled();
    while (!enough()) {
      const next = this.heap[0];
      if (!next || next.at > until) {
        this.passed = until;
        return;
      }
      this.pop();
      if (!next.wake) continue;
      this.passed = next.at;
      next.wake();
      await settled();
    }
  }

  /** Lets time pass until this is done; rejects when it takes longer than it may. */
  async until<Answer>(work: Promise<Answer>, withinMs: number): Promise<Answer> {
    let isDone = false;
    void Promise.allSettled([work]).then(() => (isDone = true));
    await this.pass(this.passed + withinMs, () => isDone);
    if (!isDone) throw new Error(`It was not done within ${withinMs} ms.`);
    return work;
  }

  private push(waking: Waking): void {
    const { heap } = this;
    let at = heap.push(waking) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && isBefore(waking, heap[parent]!); parent = (at - 1) >> 1) {
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = waking;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const child = left + 1 < heap.length && isBefore(heap[left + 1]!, heap[left]!) ? left + 1 : left;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Waking, other: Waking): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
