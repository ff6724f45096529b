/** What is left out is not in the URL, so that addresses stay short. */
export function said<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T
}
