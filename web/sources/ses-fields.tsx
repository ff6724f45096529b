import { Select, TextInput } from '@mantine/core'
import { listRoutes } from '../../src/api/endpoints/routes.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import type { SourceDraft } from './source-draft.ts'

interface Props {
  readonly draft: SourceDraft
  readonly set: (change: Partial<SourceDraft>) => void
  readonly error: (pointer: string) => string | undefined
}

/** Which topic is believed, and whose access reads what lies in S3. */
export function SesFields({ draft, set, error }: Props) {
  const names = t.sources.form
  const routes = (useEndpoint(listRoutes, {}).data?.items ?? []).filter(({ kind }) => kind === 'ses')
  return (
    <>
      <TextInput
        label={names.topic}
        description={names.topicHint}
        placeholder="arn:aws:sns:eu-west-1:123456789012:mail"
        value={draft.topicArn}
        error={error('/ses/topic_arn')}
        spellCheck={false}
        required
        onChange={(event) => set({ topicArn: event.currentTarget.value })}
      />
      <Select
        label={names.route}
        description={names.routeHint}
        value={draft.route}
        error={error('/ses/route_id')}
        allowDeselect={false}
        data={[{ value: '', label: names.noRoute }, ...routes.map(({ id, name }) => ({ value: id, label: name }))]}
        onChange={(value) => set({ route: value ?? '' })}
      />
    </>
  )
}
