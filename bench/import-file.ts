/** What both sides get: people in eight columns, a row at a time, so that a million of them stand nowhere as a whole. */
export const COLUMNS = [
  'address',
  'first_name',
  'last_name',
  'company',
  'job_title',
  'language',
  'external_id',
  'field:plan',
] as const

const FIRST = ['Anna', 'Ben', 'Zoë', 'Jürgen', 'Marie', 'Łukasz', 'Keiko', 'José']
const LAST = ['Müller', 'Smith', 'Garcia', 'Nowak', 'Rossi', 'Sato', 'Dubois', 'Jensen']
const PLANS = ['guide', 'hiker', 'climber']
const LANGUAGES = ['de', 'en', 'es', 'pl', 'it', 'ja', 'fr', 'da']

export function* peopleFile(rows: number): Generator<Buffer> {
  let text = 'E-mail,First name,Last name,Company,Position,Language,Customer,Plan\r\n'
  for (let n = 0; n < rows; n += 1) {
    const [first, last] = [FIRST[n % 8], LAST[(n >> 3) % 8]]
    text += `person${n}@mail${n % 97}.example.org,${first},${last},"Company ${n % 5_000}, Ltd.",Buyer ${n % 40},${LANGUAGES[n % 8]},C-${n},${PLANS[n % 3]}\r\n`
    if (text.length < 64 * 1024) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(text)
}
