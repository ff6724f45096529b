import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { grantSource, listSources } from '../../src/api/endpoints/sources.ts'
import { useAction } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Note } from '../ui/note.tsx'
import { Page } from '../ui/page.tsx'
import { takeStepAfterConnecting } from './after-connecting.ts'

/** Where a provider sends the browser back to. The code is good once, so it is handed over once and taken out of the address. */
export function ConnectedPage() {
  // As the provider wrote them: the router would read a code of digits as a number.
  const [given] = useState(() => new URLSearchParams(window.location.search))
  const [code, state, error] = [given.get('code'), given.get('state'), given.get('error')]
  const navigate = useNavigate()
  const grant = useAction(grantSource, { quiet: true, changes: [listSources] })
  const handed = useRef(false)
  useEffect(() => {
    if (!code || !state || handed.current) return
    handed.current = true
    window.history.replaceState(null, '', window.location.pathname)
    grant.mutate({ body: { code, state } })
  }, [code, state, grant])
  const [step] = useState(takeStepAfterConnecting)
  const back = step ? (
    <Button onClick={() => void navigate({ to: '/setup', search: { step } })}>{t.sources.connected.goOn}</Button>
  ) : (
    <Button onClick={() => void navigate({ to: '/settings/sources' })}>{t.sources.connected.back}</Button>
  )
  const refused = error ? t.sources.connected.refused(given.get('error_description') ?? error) : (grant.error?.message ?? null)
  return (
    <Page title={t.sources.connected.title}>
      {refused !== null ? (
        <Note tone="bad" alert act={back}>
          {refused}
        </Note>
      ) : grant.data ? (
        <Note tone="good" alert act={back}>
          {t.sources.connected.done}
        </Note>
      ) : (
        <Note tone="calm" act={code ? undefined : back}>
          {code ? t.sources.connected.busy : t.sources.connected.missing}
        </Note>
      )}
    </Page>
  )
}
