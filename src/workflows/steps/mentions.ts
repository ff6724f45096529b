/** Who is named by `@Name` in a text. Pure. */

/** Whatever stands before or behind a name and is part of neither. */
const INSIDE = /[\p{L}\p{N}_]/u

/** Each of them once. Of two who fit, the longer name is meant: `@Ann Lee` is not Ann. */
export function namedIn<Id extends string>(text: string, people: readonly { readonly id: Id; readonly name: string }[]): Id[] {
  const longest = people.filter(({ name }) => name.trim() !== '').toSorted((a, b) => b.name.length - a.name.length)
  const lower = text.toLowerCase()
  const found = new Set<Id>()
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    if (INSIDE.test(text[at - 1] ?? ' ')) continue
    const named = longest.find(({ name }) => {
      const wanted = name.trim().toLowerCase()
      return lower.startsWith(wanted, at + 1) && !INSIDE.test(text[at + 1 + wanted.length] ?? ' ')
    })
    // Who have the same name are all meant: whom it concerns knows.
    if (named) for (const { id, name } of people) if (name.trim().toLowerCase() === named.name.trim().toLowerCase()) found.add(id)
  }
  return [...found]
}
