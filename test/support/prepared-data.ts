import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { promisify } from 'node:util'

/** With all that belongs to it, owners and times included; nothing may serve it meanwhile. */
export async function copyData(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to])
}

/** What the run's global set-up has to say on one of its sockets. */
export function askSetup<T>(path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(path)
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('end', () => {
      const { given, error } = JSON.parse(text) as { given?: T; error?: string }
      if (given) resolve(given)
      else reject(new Error(`The database for tests could not be made: ${error}`))
    })
  })
}
