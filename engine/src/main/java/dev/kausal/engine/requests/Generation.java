package dev.kausal.engine.requests;

import dev.kausal.engine.exec.Continuation;
import dev.kausal.engine.exec.TextPrompt;
import dev.kausal.engine.exec.TextWriter;
import dev.kausal.engine.exec.TokenChoice;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Run;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Continuations of prompts, written together. The answer has one for each prompt. It leaves the process if no edit calls
 * a function of the script.
 *
 * @param runs runs whose activations edits read
 * @param prompts prompts with their edits
 * @param tokens most tokens to write after each prompt
 * @param ends tokens after which a text ends
 * @param choice how tokens are chosen
 */
public record Generation(List<Run> runs, List<TextPrompt> prompts, int tokens, Set<Integer> ends, TokenChoice choice)
        implements Request<List<Continuation>> {
    public Generation {
        runs = List.copyOf(runs);
        prompts = List.copyOf(prompts);
        ends = Set.copyOf(ends);
    }

    @Override
    public List<Continuation> of(HookedModel model) {
        return of(model, done -> {});
    }

    /** Returns the answer; {@code done} receives the number of settled tokens after each pass. */
    public List<Continuation> of(HookedModel model, IntConsumer done) {
        return new TextWriter(model, tokens, ends, choice).write(runs, prompts, done);
    }
}
