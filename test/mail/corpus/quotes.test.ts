import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { splitQuoted } from '../../../src/mail/visible-text.ts'
import { BEGINNINGS, SHOWN } from './quotes-expected.ts'

const CORPUS = fileURLToPath(new URL('../../../../shared/corpora/quotes/crisp', import.meta.url))

test.skipIf(!existsSync(CORPUS))(
  'answers in many languages are folded where a reader would fold them, and nowhere too early',
  () => {
    const files = readdirSync(CORPUS).filter((name) => name.endsWith('.txt'))
    const shown: string[] = []
    for (const file of files) {
      const source = readFileSync(join(CORPUS, file), 'utf8')
      const { text, quoted } = splitQuoted({ subject: 'Re: it', inReplyTo: [], references: [], text: source, html: null })
      expect(words(text + (quoted ?? '')), file).toBe(words(source))
      const beginning = BEGINNINGS[file]
      if (beginning !== null && quoted === null) shown.push(file)
      else
        expect([file, quoted?.trim().startsWith(beginning ?? '') ?? null], file).toEqual([file, beginning === null ? null : true])
    }
    expect(shown.sort()).toEqual(Object.keys(SHOWN))
    expect(shown.length / files.length).toBeLessThan(0.05)
  },
)

/** All characters that are seen, whatever their order. */
function words(text: string): string {
  return [...text.replace(/\s/g, '')].sort().join('')
}
