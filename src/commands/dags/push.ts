import { pushDiff, pushEnds } from '../../airflow/dags/push.js';
import { count } from '../../output/text.js';
import { follow } from '../../stack/objects/commands.js';
import { diffLines, diffSummary } from '../../stack/objects/diff.js';
import { placeText } from '../../stack/objects/place.js';
import { S3Store } from '../../stack/objects/store.js';
import { assertOwnAnswers, openProject } from '../../stack/open.js';
import { assertYes } from '../assert-yes.js';
import { type CommandModule, examples } from '../command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command
      .option('--delete', 'also remove from the bucket what is not here, after a question')
      .option('--dry-run', 'only show what is different');
    examples(command, {
      'gather dags push --dry-run': 'what is different in the bucket',
      'gather dags push': 'shows it, and uploads it',
    });
  },

  async run(context, _args, options) {
    const open = openProject(context.folder, context.home);
    const { from, to } = pushEnds(open);
    await assertOwnAnswers(open, context.signal);
    const store = await S3Store.open(open, { bucket: to.bucket, signal: context.signal });
    const diff = await pushDiff(store, from, to);
    const surplus = diff.deleted;
    if (options.delete !== true) diff.deleted = [];
    for (const line of diffLines(diff)) context.output.event({ type: 'note', text: line });
    const kept = surplus.length - diff.deleted.length;
    const text = [
      `${placeText(to)}: ${diffSummary(diff)}`,
      ...(kept ? [`${count(kept, 'file')} only there; --delete removes what is not here`] : []),
    ];
    if (options.dryRun)
      return { data: { to: placeText(to), ...diff }, text: ['not pushed', ...text].join('\n') };
    if (diff.deleted.length > 0) {
      const question = `Remove ${count(diff.deleted.length, 'file')} from ${placeText(to)}?`;
      await assertYes(context, question, 'nothing was pushed', {
        details: diff.deleted.map((path) => `- ${path}`),
        hints: ['gather dags push --delete --yes'],
      });
    }
    // (the lines of the difference have said it)
    const report = { event() {}, close() {} };
    await follow({ store, report, signal: context.signal }, from, to, diff);
    return { data: { to: placeText(to), ...diff }, text: text.join('\n') };
  },
};
