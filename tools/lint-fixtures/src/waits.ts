export async function wait(): Promise<void> {
  await Promise.resolve(1);
}
