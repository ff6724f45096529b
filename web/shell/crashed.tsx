import { Button } from '@mantine/core'
import { Problem } from '../api.ts'
import { t } from '../texts/texts.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Raw } from '../ui/raw.tsx'
import { ButtonLink } from './app-link.tsx'

/** A page that could not be drawn: whose side it is on, what can be done, and the words for whoever looks into it. */
export function Crashed({ error }: { error: Error }) {
  const isOurs = !(error instanceof Problem)
  return (
    <EmptyState
      isPage
      title={isOurs ? t.problems.crashed : error.message}
      sentence={isOurs ? t.problems.crashedHint : ''}
      act={<Button onClick={() => window.location.reload()}>{t.problems.reload}</Button>}
    >
      {isOurs && (
        <Raw text={`${error.name}: ${error.message}\n${error.stack ?? ''}`} label={error.name} copyLabel={t.common.copy} />
      )}
    </EmptyState>
  )
}

export function NotFound() {
  return (
    <EmptyState
      isPage
      title={t.problems.notFound}
      sentence={t.problems.notFoundSentence}
      act={<ButtonLink href="/">{t.problems.toOverview}</ButtonLink>}
    />
  )
}
