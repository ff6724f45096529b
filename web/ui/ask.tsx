import { Button } from '@mantine/core'
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'
import { t } from '../texts/texts.ts'
import styles from './ask.module.css'
import { Dialog } from './dialog.tsx'

export interface Question {
  readonly title: string
  /** What will happen, with its size. */
  readonly body: ReactNode
  /** The button: a verb, never "OK". */
  readonly act: string
  /** The other button; "Cancel" where that cannot be misread. */
  readonly keep?: string
  readonly danger?: boolean
}

type Ask = (question: Question) => Promise<boolean>
const AskContext = createContext<Ask>(() => Promise.resolve(false))

/** Asks once before what cannot be undone: `if (await ask({ … })) …`. */
export function useAsk(): Ask {
  return useContext(AskContext)
}

export function AskProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<{ question: Question; answer: (yes: boolean) => void } | null>(null)
  const ask = useCallback<Ask>((question) => new Promise((answer) => setOpen({ question, answer })), [])
  function close(yes: boolean) {
    open?.answer(yes)
    setOpen(null)
  }
  return (
    <AskContext value={ask}>
      {children}
      {open && (
        <Dialog title={open.question.title} onClose={() => close(false)}>
          <div className={styles.body}>{open.question.body}</div>
          <div className={styles.acts}>
            <Button variant="default" onClick={() => close(false)}>
              {open.question.keep ?? t.common.cancel}
            </Button>
            <Button color={open.question.danger ? 'red' : 'petrol'} data-autofocus onClick={() => close(true)}>
              {open.question.act}
            </Button>
          </div>
        </Dialog>
      )}
    </AskContext>
  )
}
