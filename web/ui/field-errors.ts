/** What a form shows of a refusal: each sentence beside its field, the rest above. */
export interface Refused {
  readonly message: string
  readonly fields: ReadonlyMap<string, string>
}

export function errorsFor(
  refused: Refused | null,
  pointers: readonly string[],
): { of: (pointer: string) => string | undefined; rest: string | null } {
  const of = (pointer: string) => refused?.fields.get(pointer)
  const placed = refused !== null && pointers.some((pointer) => refused.fields.has(pointer))
  return { of, rest: refused && !placed ? refused.message : null }
}
