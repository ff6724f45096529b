/** What keeps a draft from being shown to people. Pure. */
import { DATA_PREFIX, type FormSettings, isForeign } from './form.ts'

/** Why a draft cannot be shown to people yet. `where` is a pointer into the settings. */
export interface Missing {
  readonly where: string
  readonly sentence: string
}

export interface DraftFacts {
  readonly hasSecret: boolean
  readonly lists: ReadonlySet<string>
  readonly fields: ReadonlySet<string>
}

export function missingIn(settings: FormSettings, { hasSecret, lists, fields }: DraftFacts): Missing[] {
  const { captcha, confirmation, welcome, sender } = settings
  const keys = settings.fields.map(({ key }) => key)
  const twice = keys.filter((key, i) => keys.indexOf(key) !== i)
  const boxes = settings.consents.map(({ key }) => key)
  const found: (Missing | false)[] = [
    settings.lists.length === 0 && { where: '/lists', sentence: 'Choose at least one list that people ask for.' },
    settings.lists.some(({ id }) => !lists.has(id)) && {
      where: '/lists',
      sentence: 'One of the lists is archived or gone. Choose another.',
    },
    !keys.includes('email') && { where: '/fields', sentence: 'A form needs the field for the address.' },
    twice.length > 0 && { where: '/fields', sentence: `The field ${twice[0]} is there twice.` },
    ...keys
      .filter((key) => key.startsWith(DATA_PREFIX) && !fields.has(key.slice(DATA_PREFIX.length)))
      .map((key) => ({ where: '/fields', sentence: `Contacts have no field ${key.slice(DATA_PREFIX.length)}.` })),
    keys.includes('language') &&
      settings.languages.length === 0 && { where: '/languages', sentence: 'Say which languages people may choose.' },
    boxes.some((key, i) => boxes.indexOf(key) !== i) && { where: '/consents', sentence: 'Two consent boxes have the same key.' },
    sender === '' && { where: '/sender', sentence: 'Say from which address the mail to confirm comes.' },
    confirmation.subject.trim() === '' && { where: '/confirmation', sentence: 'The mail to confirm has no subject.' },
    !/\{\{-?\s*confirm_url\b/.test(confirmation.body) && {
      where: '/confirmation',
      sentence: 'The mail to confirm needs {{ confirm_url }}: without it nobody can confirm.',
    },
    welcome !== null &&
      (welcome.subject.trim() === '' || welcome.body.trim() === '') && {
        where: '/welcome',
        sentence: 'The welcome mail needs a subject and a text.',
      },
    isForeign(captcha.kind) &&
      captcha.site_key === '' && { where: '/captcha', sentence: 'Enter the site key that the provider gave you.' },
    isForeign(captcha.kind) && !hasSecret && { where: '/captcha', sentence: 'Enter the secret that the provider gave you.' },
  ]
  return found.filter((one) => one !== false)
}
