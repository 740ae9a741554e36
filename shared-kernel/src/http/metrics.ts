import type { Registry } from 'prom-client';

/**
 * Several registries in one Prometheus text. A metric that several of them have is listed once, with everybody's series; a
 * series that several of them have is the first one's.
 */
export async function metricsText(registries: readonly Registry[]): Promise<string> {
  const metrics = new Map<string, { readonly head: string; readonly series: Map<string, string> }>();

  const texts = await Promise.all(registries.map((registry) => registry.metrics()));
  for (const block of texts.join('\n').split(/^(?=# HELP )/m)) {
    const [help = '', type = '', ...lines] = block.trim().split('\n');
    const name = help.split(' ', 3)[2];
    if (name === undefined) continue;

    const metric = metrics.get(name) ?? { head: `${help}\n${type}`, series: new Map<string, string>() };
    metrics.set(name, metric);
    for (const line of lines) {
      const series = line.slice(0, line.lastIndexOf(' '));
      if (series !== '' && !metric.series.has(series)) metric.series.set(series, line);
    }
  }
  return [...metrics.values()].map(({ head, series }) => `${[head, ...series.values()].join('\n')}\n`).join('\n');
}
