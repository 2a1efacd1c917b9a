package dev.kausal.engine.certify;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks that a model computes what its reference does, and that it is consistent with itself. */
public final class Certifier {
    private final HookedModel model;
    private final Bounds bounds;
    private final Consumer<String> progress;
    private final List<Certificate.Check> checks = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /**
     * Creates a certifier of one model.
     *
     * @param bounds largest differences that pass
     * @param progress receives one line per step
     */
    public Certifier(HookedModel model, Bounds bounds, Consumer<String> progress) {
        this.model = model;
        this.bounds = bounds;
        this.progress = progress;
    }

    /**
     * Compares with a reference if there is one, and runs the checks that need none.
     *
     * @throws ReferenceUnusable if the reference belongs to another model
     */
    public Certificate certify(Optional<Reference> reference) {
        Torch.inference();
        Optional<AgainstReference> compared = reference.map(this::compare);
        List<Input> inputs = inputs(reference);
        progress.accept("patching each hook point with its own value");
        SelfPatches patches = new SelfPatches(model, inputs.subList(0, 2));
        checks.add(patches.drifts(bounds.drift()));
        checks.add(patches.finite());
        executors(inputs);
        tokenizer();
        return new Certificate(
                reference.map(dump -> dump.prompts().size()).orElse(0),
                sites(compared, patches),
                compared.map(AgainstReference::outputs).orElse(null),
                checks,
                notes);
    }

    private AgainstReference compare(Reference reference) {
        progress.accept("comparing with " + reference.file());
        AgainstReference compared = new AgainstReference(model, reference, bounds.ties());
        Certificate.Outputs outputs = compared.outputs();
        Difference difference = outputs.difference();
        checks.add(new Certificate.Check(
                outputs.name() + " against the reference's, absolute",
                difference.absolute(),
                bounds.outputs(),
                difference.where()));
        Difference largest = compared.largest();
        checks.add(new Certificate.Check(
                "hook points against the reference's, relative",
                largest.relative(),
                bounds.relative(),
                largest.where()));
        checks.add(new Certificate.Check(
                "rows whose largest output is not the reference's", outputs.rows() - outputs.agree(), 0, ""));
        notCompared(compared);
        return compared;
    }

    private void notCompared(AgainstReference compared) {
        Set<String> missing = kinds().stream()
                .filter(kind -> compared.points(kind) == 0)
                .map(Certifier::name)
                .collect(Collectors.toCollection(TreeSet::new));
        if (!missing.isEmpty()) {
            notes.add("not compared, because the reference lacks them: " + String.join(", ", missing));
        }
    }

    /** Returns the reference's inputs if there is one, then the model's own. */
    private List<Input> inputs(Optional<Reference> reference) {
        if (reference.isEmpty()) {
            notes.add("no reference was given, so agreement with the original model was not checked; "
                    + "write one with bench/dump_reference.py");
        }
        Stream<Input> ran =
                reference.stream().flatMap(dump -> dump.prompts().stream()).map(prompt -> prompt.input(model.config()));
        return Stream.concat(ran, OwnInputs.of(model).stream()).toList();
    }

    private void executors(List<Input> inputs) {
        OutputHeadConfig head = model.config().head();
        if (!head.hasVocabulary() && !head.hasClasses()) {
            notes.add("sweeps were not compared: metrics need logits, and the model has none");
            return;
        }
        progress.accept("running a sweep with both executors");
        checks.add(BothExecutors.compare(model, inputs, bounds.drift()));
    }

    private void tokenizer() {
        if (model.config().readsImages()) {
            return;
        }
        model.tokenizer()
                .ifPresentOrElse(
                        tokenizer -> checks.add(RoundTrips.check(tokenizer)),
                        () -> notes.add("the tokenizer was not checked: the model has none"));
    }

    private Set<HookKind> kinds() {
        return model.points().all().stream().map(HookPoint::kind).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private List<Certificate.Site> sites(Optional<AgainstReference> compared, SelfPatches patches) {
        return kinds().stream()
                .map(kind -> new Certificate.Site(
                        name(kind),
                        compared.map(reference -> reference.points(kind)).orElse(0),
                        compared.map(reference -> reference.at(kind)).orElse(Difference.NONE),
                        patches.drift(kind)))
                .toList();
    }

    /** Returns the name of every point of a kind: {@code blocks.*.hook_resid_pre}. */
    static String name(HookKind kind) {
        return kind.layered() ? kind.name(0).replaceFirst("blocks\\.0", "blocks.*") : kind.name(0);
    }
}
