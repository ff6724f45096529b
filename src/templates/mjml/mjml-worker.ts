/** Reads MJML in a thread of its own: it is slow, and whoever waits for it ends this thread when it takes too long. */
import { parentPort } from 'node:worker_threads'
// @ts-expect-error: the package brings no types.
import untyped from 'mjml-browser'
import { type MjmlLibrary, readMjml } from './read-mjml.ts'

const mjml2html = untyped as (source: string, options: object) => ReturnType<MjmlLibrary>

/** No fonts from elsewhere: whoever reads a mail would be known to whoever serves them. */
const OPTIONS = { validationLevel: 'soft', keepComments: true, fonts: {}, ignoreIncludes: true } as const

parentPort?.on('message', async ({ id, source }: { id: number; source: string }) => {
  const result = await readMjml(source, (text) => mjml2html(text, OPTIONS)).catch(() => ({
    ok: false as const,
    problems: [{ line: null, sentence: 'This MJML cannot be read.' }],
  }))
  parentPort?.postMessage({ id, result })
})
parentPort?.postMessage({ id: 0, result: null })
