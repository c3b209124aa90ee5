/** The value of a metric of a Sluice process, summed over its labels; 0 if it has none yet. */
export async function metric(base: string, name: string): Promise<number> {
  const response = await fetch(`${base}/metrics`);
  if (response.status !== 200) throw new Error(`${base}/metrics answered ${response.status}`);
  let sum = 0;
  for (const line of (await response.text()).split('\n')) {
    const value = new RegExp(`^${name}(\\{.*\\})? (\\S+)$`).exec(line)?.[2];
    if (value !== undefined) sum += Number(value);
  }
  return sum;
}
