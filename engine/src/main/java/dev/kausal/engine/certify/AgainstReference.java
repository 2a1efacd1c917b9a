package dev.kausal.engine.certify;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Reruns the reference's inputs and collects the largest difference at every kind of hook point and of the outputs. */
final class AgainstReference {
    private final HookedModel model;
    private final Reference reference;
    private final double ties;
    private final Map<HookKind, Difference> sites = new EnumMap<>(HookKind.class);
    private final Map<HookKind, Integer> compared = new EnumMap<>(HookKind.class);
    private Difference outputs = Difference.NONE;
    private String output = "";
    private int agree;
    private int rows;

    /**
     * Compares a model with a reference.
     *
     * @param ties two outputs of the reference that differ by at most this count as equal
     */
    AgainstReference(HookedModel model, Reference reference, double ties) {
        this.ties = ties;
        this.model = model;
        this.reference = reference;
        for (int prompt = 0; prompt < reference.prompts().size(); prompt++) {
            compare(prompt, reference.prompts().get(prompt));
        }
    }

    Difference at(HookKind kind) {
        return sites.getOrDefault(kind, Difference.NONE);
    }

    /** Returns the number of compared points of the kind. */
    int points(HookKind kind) {
        return compared.getOrDefault(kind, 0);
    }

    Certificate.Outputs outputs() {
        return new Certificate.Outputs(output, outputs, agree, rows);
    }

    /** Returns the largest difference at any hook point. */
    Difference largest() {
        return sites.values().stream().reduce(Difference.NONE, Difference::or);
    }

    private void compare(int index, Reference.Prompt prompt) {
        if (model.config().readsImages() != (prompt.ids() == null)) {
            throw new ReferenceUnusable(
                    reference.file(),
                    model.config().readsImages() ? "images, which this model reads" : "tokens, which this model reads",
                    "the other kind of input");
        }
        try (NDManager manager = Torch.manager()) {
            Hooks hooks = new Hooks(model.points());
            Map<String, float[]> expected = prompt.points();
            expected.keySet().forEach(name -> model.points().named(name));
            ActivationCache cache = hooks.capture(point -> expected.containsKey(point.name()), manager);
            NDArray found = model.outputs(List.of(prompt.input(model.config())), hooks, manager);
            expected.forEach((name, values) -> point(index, name, values, cache.get(name)));
            outputs(index, prompt, found);
        }
    }

    private void point(int index, String name, float[] expected, NDArray activation) {
        HookPoint point = model.points().named(name);
        Difference difference = difference(name + ", input " + index, expected, activation.toFloatArray());
        sites.merge(point.kind(), difference, Difference::or);
        compared.merge(point.kind(), 1, Integer::sum);
    }

    private Difference difference(String where, float[] expected, float[] found) {
        if (expected.length != found.length) {
            throw new ReferenceUnusable(
                    reference.file(), found.length + " numbers for " + where, expected.length + " numbers");
        }
        return Difference.of(where, expected, found);
    }

    private void outputs(int index, Reference.Prompt prompt, NDArray outputs) {
        float[] expected = prompt.output();
        if (expected == null) {
            throw new ReferenceUnusable(
                    reference.file(),
                    "outputs named logits, image_embeds or last_hidden_state",
                    prompt.outputs().keySet().toString());
        }
        output = prompt.outputName();
        int width = (int) outputs.getShape().get(1);
        int[] read = prompt.read();
        float[] all = outputs.toFloatArray();
        float[] found = read == null ? all : rowsOf(all, width, read);
        this.outputs = this.outputs.or(difference(output + " of input " + index, expected, found));
        for (int row = 0; row * width < expected.length; row++) {
            rows++;
            int from = row * width;
            float lost = expected[from + argmax(expected, from, width)] - expected[from + argmax(found, from, width)];
            agree += lost <= ties ? 1 : 0;
        }
    }

    private static float[] rowsOf(float[] all, int width, int[] positions) {
        float[] read = new float[positions.length * width];
        for (int i = 0; i < positions.length; i++) {
            System.arraycopy(all, positions[i] * width, read, i * width, width);
        }
        return read;
    }

    private static int argmax(float[] values, int from, int width) {
        int best = 0;
        for (int i = 1; i < width; i++) {
            best = values[from + i] > values[from + best] ? i : best;
        }
        return best;
    }
}
