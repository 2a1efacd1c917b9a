package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.edits.Changes;
import dev.kausal.engine.forward.Block;
import dev.kausal.engine.forward.Embedding;
import dev.kausal.engine.forward.LayerBatch;
import dev.kausal.engine.forward.OutputHead;
import dev.kausal.engine.forward.Positions;
import dev.kausal.engine.forward.Transformer;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Continues prompts token by token, all together: each pass computes only the new position of each text, which attends
 * to stored keys and values. Texts with the same prompt share it up to the first position that their edits touch.
 *
 * <p>All texts are in memory together; {@link #bytes} says how much that is.
 */
public final class TextWriter {
    private final HookedModel model;
    private final Transformer transformer;
    private final Positions positions;
    private final int tokens;
    private final Set<Integer> ends;
    private final TokenChoice choice;

    /**
     * Creates a writer.
     *
     * @param tokens most tokens to write after each prompt, at least 1
     * @param ends tokens after which a text ends
     * @param choice how tokens are chosen
     * @throws GenerationException if the model does not predict the next token
     */
    public TextWriter(HookedModel model, int tokens, Set<Integer> ends, TokenChoice choice) {
        if (!writes(model.config())) {
            throw GenerationException.notWriting(model.config());
        }
        if (tokens < 1) {
            throw new IllegalArgumentException("tokens must be at least 1, not " + tokens);
        }
        this.model = model;
        this.transformer = model.transformer();
        this.positions = new Positions(model.config());
        this.tokens = tokens;
        this.ends = Set.copyOf(ends);
        this.choice = choice;
    }

    /** Returns whether a model can continue prompts: it is causal and predicts the next token. */
    public static boolean writes(ModelConfig config) {
        return config.attention().causal() && config.head().task() == OutputHeadConfig.Task.NEXT_TOKEN;
    }

    /** Returns the bytes of keys and values of one text with this many positions. */
    public static long bytes(ModelConfig config, int positions) {
        return 2L * Float.BYTES * config.layers() * config.keyValueHeads() * config.dHead() * positions;
    }

    /**
     * Continues prompts.
     *
     * @param runs runs whose activations edits read
     * @param prompts in the order of the answers
     * @throws GenerationException if a prompt and its tokens exceed the context, an edit is at attention scores or
     *     patterns, or logits are not finite
     */
    public List<Continuation> write(List<Run> runs, List<TextPrompt> prompts) {
        return write(runs, prompts, tokens -> {});
    }

    /**
     * Continues prompts.
     *
     * @param runs runs whose activations edits read
     * @param prompts in the order of the answers
     * @param done receives, after each pass, the number of tokens that need no further pass: those written, and all of
     *     a text that has ended
     * @throws GenerationException as the method without {@code done}
     */
    public List<Continuation> write(List<Run> runs, List<TextPrompt> prompts, IntConsumer done) {
        Torch.inference();
        check(prompts);
        List<OpenText> texts = prompts.stream()
                .map(prompt -> new OpenText(prompt, model.points()))
                .toList();
        TextGroup.Groups groups = TextGroup.of(texts);
        try (PlainSources sources = PlainSources.of(
                        model,
                        runs,
                        prompts.stream()
                                .flatMap(prompt -> prompt.edits().stream())
                                .map(TextEdit::edit));
                TextCache cache = new TextCache(transformer, tokens)) {
            TextRows rows = TextRows.of(groups.stems(), groups.groups());
            while (true) {
                pass(rows, sources, cache, texts);
                done.accept(texts.stream().mapToInt(this::settled).sum());
                List<TextGroup> open = remaining(rows, cache);
                if (open.isEmpty()) {
                    break;
                }
                rows = TextRows.of(List.of(), open);
            }
        }
        return texts.stream().map(OpenText::finished).toList();
    }

    private void check(List<TextPrompt> prompts) {
        InputBatch.of(model.config(), prompts.stream().map(TextPrompt::input).toList());
        for (int i = 0; i < prompts.size(); i++) {
            int length = prompts.get(i).input().length();
            if (length + tokens > model.config().context()) {
                throw GenerationException.tooLong(
                        i, length, tokens, model.config().context());
            }
            for (TextEdit edit : prompts.get(i).edits()) {
                HookPoint point = model.points().named(edit.edit().site());
                if (point.kind().attention()) {
                    throw GenerationException.atAttention(point.name());
                }
                int last = edit.edit().rows().last();
                if (last >= length) {
                    throw GenerationException.pastPrompt(point.name(), last, i, length);
                }
            }
        }
    }

    /** Computes the new positions and appends the next token to every text. */
    private void pass(TextRows rows, PlainSources sources, TextCache cache, List<OpenText> all) {
        try (Scope scope = model.device().scope()) {
            NDManager local = scope.manager();
            List<OpenText> texts = rows.texts();
            RowIndex lasts = rows.lasts();
            PackedEdits edits = new PackedEdits(model.points(), packed(texts), sources, null);
            edits.place(rows.index(), lasts);
            cache.expect(rows, local);
            NDArray embedded = new Embedding(transformer, edits).of(rows.inputs(), rows.layout(), local);
            NDScope.unregister(embedded);
            LayerBatch batch = LayerBatch.stored(rows.layout(), rows.slots(), positions, local);
            NDArray stream = new Block(transformer, positions, edits, cache).runAll(embedded, batch, batch);
            stream.attach(local);
            NDArray newest = Slices.gather(stream, local.create(rows.last()));
            NDArray logits = new OutputHead(transformer, edits)
                    .outputs(newest, lasts.layout(), lasts.layout().pooled());
            List<TokenChoice.Chosen> chosen =
                    choice.choose(logits, texts.stream().map(OpenText::random).toList());
            Changes[] changes = edits.changes();
            for (int i = 0; i < texts.size(); i++) {
                append(texts.get(i), chosen.get(i), changes[i], all);
            }
        }
    }

    private void append(OpenText text, TokenChoice.Chosen chosen, Changes changes, List<OpenText> all) {
        if (!Double.isFinite(chosen.logProbability())) {
            throw GenerationException.notFinite(all.indexOf(text), text.written());
        }
        text.changed(changes);
        text.append(chosen, ends.contains(chosen.token()));
    }

    private List<PackedRun> packed(List<OpenText> texts) {
        List<PackedRun> packed = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            OpenText text = texts.get(i);
            DirtyRows rows = DirtyRows.everything(text.length(), model.config().layers());
            packed.add(new PackedRun(i, new Run(text.input(), List.of()), text.edits(model.points()), rows));
        }
        return packed;
    }

    /** Returns the groups of the texts that go on, and drops the others from the cache. */
    private List<TextGroup> remaining(TextRows rows, TextCache cache) {
        List<TextGroup> open = new ArrayList<>();
        List<int[]> kept = new ArrayList<>();
        boolean all = true;
        for (TextGroup group : rows.groups()) {
            int[] going = IntStream.range(0, group.texts().size())
                    .filter(i -> goesOn(group.texts().get(i)))
                    .toArray();
            all &= going.length == group.texts().size();
            kept.add(going);
            if (going.length > 0) {
                open.add(group.next(going));
            }
        }
        if (!all && !open.isEmpty()) {
            cache.keepOnly(kept);
        }
        return open;
    }

    private int settled(OpenText text) {
        return goesOn(text) ? text.written() : tokens;
    }

    private boolean goesOn(OpenText text) {
        return !text.ended() && text.written() < tokens;
    }
}
