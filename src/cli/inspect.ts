import { readFile } from 'node:fs/promises'
import { createMailParser, type MailParser } from '../mail/mail-parser.ts'
import { PARSE_LIMITS } from '../mail/parse.ts'
import { inspectedMail } from './inspected-mail.ts'

/** Says of mail files what Waybill makes of them: one line of JSON a file, nothing else. No server, no database, no network. */
export async function inspectCommand(files: readonly string[]): Promise<void> {
  const parser = createMailParser()
  let isComplete = true
  try {
    for (const file of files) {
      const line = await inspect(parser, file)
      if ('error' in line) isComplete = false
      await write(`${JSON.stringify(line)}\n`)
    }
  } finally {
    await parser.close()
  }
  if (!isComplete) process.exitCode = 1
}

async function inspect(parser: MailParser, file: string): Promise<Record<string, unknown>> {
  const bytes = await contentOf(file)
  if (typeof bytes === 'string') return { file, error: bytes }
  const result = await parser.parse(bytes)
  if (result.kind === 'unreadable') return { file, error: `It cannot be read as a mail: ${result.reason}.` }
  return { file, ...inspectedMail(result.mail) }
}

/** The bytes of a file or, for `-`, of standard input; or why there are none. */
async function contentOf(file: string): Promise<Buffer | string> {
  try {
    return file === '-' ? await standardInput() : await readFile(file)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ENOENT'
      ? 'There is no such file.'
      : code === 'EISDIR'
        ? 'This is a folder: name the files in it.'
        : `It cannot be opened: ${code ?? String(error)}.`
  }
}

/** One byte more than a mail may have is enough to know that it is too large. */
async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > PARSE_LIMITS.bytes) break
  }
  return Buffer.concat(chunks)
}

/** Whoever reads slowly is waited for: hundreds of lines are not kept in memory. */
function write(line: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(line, () => resolve()))
}
