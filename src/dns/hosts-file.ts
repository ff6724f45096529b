import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

const MAX_BYTES = 1024 * 1024

/** The addresses that a hosts file gives a name; none where there is no file. Read each time: it is small, and people edit it. */
export async function addressesInHostsFile(path: string, name: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text
    .slice(0, MAX_BYTES)
    .split('\n')
    .map((line) => line.split('#', 1)[0]?.trim().toLowerCase().split(/\s+/) ?? [])
    .flatMap(([address = '', ...names]) => (names.includes(name) && isIP(address) !== 0 ? [address] : []))
}

export const HOSTS_FILE = process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts'
