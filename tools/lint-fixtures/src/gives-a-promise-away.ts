// breaks typescript(no-misused-promises)
export function giveAway(): void {
  setTimeout(async () => {
    await Promise.resolve();
  }, 1);
}
