import { Button, FileInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { importSuppressions, listSuppressions } from '../../src/api/endpoints/suppressions.ts'
import { callUpload, type Problem, type ReplyOf } from '../api.ts'
import { keyOf } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Form, FormActs } from '../ui/form.tsx'
import { Note } from '../ui/note.tsx'
import styles from './suppressions-page.module.css'

/** Reads a file in and says what became of each line. */
export function ImportSuppressions({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [file, setFile] = useState<File | null>(null)
  const read = useMutation<ReplyOf<typeof importSuppressions>, Problem, File>({
    mutationFn: (given) => callUpload(importSuppressions, typeOf(given), given),
    onSuccess: () => client.invalidateQueries({ queryKey: keyOf(listSuppressions) }),
  })
  return (
    <Dialog title={t.suppressions.importTitle} onClose={onClose}>
      <Form problem={read.error?.message ?? null} onSubmit={() => file && read.mutate(file)}>
        <p>{t.suppressions.importLead}</p>
        <FileInput
          label={t.suppressions.file}
          accept=".csv,.txt,.jsonl,.ndjson,text/csv"
          value={file}
          onChange={setFile}
          required
        />
        {read.data && <Result result={read.data} />}
        <FormActs end>
          <Button variant="default" onClick={onClose}>
            {t.common.close}
          </Button>
          <Button type="submit" loading={read.isPending} disabled={file === null}>
            {t.suppressions.importAct}
          </Button>
        </FormActs>
      </Form>
    </Dialog>
  )
}

function Result({ result: { added, unchanged, refused, problems } }: { result: ReplyOf<typeof importSuppressions> }) {
  return (
    <Note tone={refused > 0 ? 'care' : 'good'} alert>
      {t.suppressions.imported(added, unchanged, refused)}
      {problems.length > 0 && (
        <ul className={styles.problems}>
          {problems.slice(0, 100).map(({ line, problem }) => (
            <li key={line}>{t.suppressions.line(line, problem)}</li>
          ))}
        </ul>
      )}
    </Note>
  )
}

function typeOf({ name }: File): 'text/csv' | 'application/x-ndjson' {
  return /\.(jsonl|ndjson)$/i.test(name) ? 'application/x-ndjson' : 'text/csv'
}
