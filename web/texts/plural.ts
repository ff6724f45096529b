const rules = new Intl.PluralRules('en')
const numbers = new Intl.NumberFormat('en')

/** "1 message", "1,662 messages": the number grouped, the word in the form its language asks for. */
export function counted(n: number, forms: { readonly one: string; readonly other: string }): string {
  return `${numbers.format(n)} ${rules.select(n) === 'one' ? forms.one : forms.other}`
}

export function grouped(n: number): string {
  return numbers.format(n)
}
