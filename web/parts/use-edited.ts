import { useBlocker } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../texts/texts.ts'
import type { Side } from './use-autosave.ts'

interface Readable<Whole, Draft> {
  /** What of it is written by hand. */
  readonly draftOf: (whole: Whole) => Draft
  /** Grows with each save, whoever's. */
  readonly versionOf: (whole: Whole) => number
}

/**
 * Something that is written and kept by a button. What somebody else saved meanwhile is shown where nothing was changed here; where something
 * was, `isBehind` asks which of the two it shall be. Nobody leaves what is not saved without a word.
 */
export function useEdited<Whole, Draft extends object>(of: Readable<Whole, Draft>, whole: Whole) {
  const begin = () => {
    const draft = of.draftOf(whole)
    return { version: of.versionOf(whole), read: draft, draft }
  }
  const [now, setNow] = useState(begin)
  const { version, read, draft } = now
  const isChanged = JSON.stringify(draft) !== JSON.stringify(read)
  const isNewer = of.versionOf(whole) > version
  if (isNewer && !isChanged) setNow(begin())
  useBlocker({ shouldBlockFn: () => isChanged && !window.confirm(t.saving.leave), enableBeforeUnload: isChanged })
  return {
    draft,
    /** Of what was read. */
    version,
    isChanged,
    isBehind: isNewer && isChanged,
    set: (said: Partial<Draft>) => setNow((before) => ({ ...before, draft: { ...before.draft, ...said } })),
    /** What was typed while it was on its way is not saved yet. */
    saved: (sent: Draft, saved: Whole) => setNow((before) => ({ ...before, version: of.versionOf(saved), read: sent })),
    settle: async (which: Side) =>
      setNow((before) =>
        which === 'theirs' ? begin() : { version: of.versionOf(whole), read: of.draftOf(whole), draft: before.draft },
      ),
  }
}
