// breaks typescript(switch-exhaustiveness-check)
export function say(status: 'RUNNING' | 'COMPLETED'): string {
  switch (status) {
    case 'RUNNING':
      return 'running';
  }
  return 'unknown';
}
