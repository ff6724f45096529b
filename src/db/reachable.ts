import type pg from 'pg'
import { Explained } from '../lib/explained.ts'

/** The oldest that the migrations are held to: who may act as whom is asked in the words of 16 (ADR 61). */
const OLDEST_MAJOR = 16

/**
 * The first question to a database that somebody else runs. Whatever is wrong with DATABASE_URL shows here, and is said in a sentence
 * instead of a stack.
 */
export async function assertReachable(pool: pg.Pool): Promise<void> {
  const major = await majorVersion(pool)
  if (major < OLDEST_MAJOR) {
    throw new Explained(
      `The database of DATABASE_URL is PostgreSQL ${major}; Waybill needs ${OLDEST_MAJOR} or newer. Upgrade that server, or leave DATABASE_URL out and Waybill brings its own.`,
    )
  }
}

async function majorVersion(pool: pg.Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ major: number }>("select current_setting('server_version_num')::int / 10000 as major")
    return rows[0]?.major ?? 0
  } catch (error) {
    throw new Explained(sentenceOf(error as Error & { code?: string }), { cause: error })
  }
}

/** SQLSTATEs of PostgreSQL's appendix A; everything else is the network's. */
function sentenceOf({ code, message }: Error & { code?: string }): string {
  const said = `The database of DATABASE_URL says: ${message}.`
  switch (code) {
    case '3D000':
      return `${said} Let an administrator make it: create database waybill owner waybill;`
    case '28000':
    case '28P01':
      return `${said} Correct the user or the password in DATABASE_URL, or let pg_hba.conf admit them from here.`
    case '42501':
      return `${said} The user of DATABASE_URL has to own the database.`
    case '57P03':
    case '53300':
      return `${said} Try again in a moment.`
    default:
      return `The database of DATABASE_URL cannot be reached: ${message}. Check that it runs, and the host and port in DATABASE_URL.`
  }
}
