/**
 * Every text people read comes from here. A language is one more object of the same shape: the compiler says what it lacks. `t` is chosen
 * once, before anything is drawn.
 */
import { en } from './en.ts'

export type Texts = typeof en
type Language = 'en'

const CATALOGUES: Record<Language, () => Promise<Texts>> = {
  en: async () => en,
}

export let t: Texts = en

/** The first of the reader's languages that we speak; English otherwise. */
export async function chooseLanguage(wanted: readonly string[]): Promise<Language> {
  const known = wanted.map((tag) => tag.slice(0, 2)).find((tag): tag is Language => tag in CATALOGUES) ?? 'en'
  t = await CATALOGUES[known]()
  return known
}
