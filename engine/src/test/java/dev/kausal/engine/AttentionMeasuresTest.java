package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.kausal.engine.analysis.DirectLogitAttribution;
import dev.kausal.engine.analysis.SourceAttribution;
import dev.kausal.engine.analysis.attention.ActivationMaps;
import dev.kausal.engine.analysis.attention.AttentionDistance;
import dev.kausal.engine.analysis.attention.AttentionEntropy;
import dev.kausal.engine.analysis.attention.AttentionFlow;
import dev.kausal.engine.analysis.attention.AttentionPattern;
import dev.kausal.engine.analysis.attention.AttentionRangeException;
import dev.kausal.engine.analysis.attention.AttentionRollout;
import dev.kausal.engine.analysis.attention.GradientRollout;
import dev.kausal.engine.analysis.attention.HeadDiversity;
import dev.kausal.engine.analysis.attention.HeadFusion;
import dev.kausal.engine.analysis.attention.MapDistance;
import dev.kausal.engine.analysis.attention.PatchGrid;
import dev.kausal.engine.analysis.attention.PatchMaps;
import dev.kausal.engine.analysis.attention.PatternRedraw;
import dev.kausal.engine.analysis.attention.SpatialFocus;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.graph.Component;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Measures of attention against what bench/attention_measures.py computes from the reference's own patterns. */
@ExtendWith(NoOpenArrays.class)
final class AttentionMeasuresTest {
    private static final double TOLERANCE = 1e-5;
    private static final Gson GSON = new Gson();
    private static final JsonObject REFERENCE = read();

    private static JsonObject read() {
        try {
            Path file = Path.of("src/test/resources/analysis/attention-measures.json");
            return GSON.fromJson(Files.readString(file), JsonObject.class);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<String> measured() {
        return REFERENCE.getAsJsonObject("measures").keySet().stream();
    }

    static Stream<String> attributed() {
        return REFERENCE.getAsJsonObject("attributions").keySet().stream();
    }

    static Stream<String> withGradients() {
        return REFERENCE.getAsJsonObject("gradients").keySet().stream();
    }

    private static Input input(HookedModel model, String name, int index) {
        return TinyModels.reference(name).prompts().get(index).input(model.config());
    }

    @ParameterizedTest
    @MethodSource("measured")
    void measuresAreTheReferences(String name) throws IOException {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            for (int i = 0; i < 2; i++) {
                JsonObject expected = REFERENCE
                        .getAsJsonObject("measures")
                        .getAsJsonArray(name)
                        .get(i)
                        .getAsJsonObject();
                Input input = input(model, name, i);
                AttentionPattern pattern = AttentionPattern.of(model, input);
                compare(expected, pattern);
                if (model.config().readsImages()) {
                    compareSpatial(expected.getAsJsonObject("spatial"), pattern, PatchGrid.of(model.config(), input));
                    ActivationMaps maps = ActivationMaps.of(model, input, new Hooks(model.points()));
                    JsonObject activation = expected.getAsJsonObject("activation");
                    assertClose(activation, "means", maps.means());
                    assertClose(activation, "norms", maps.norms());
                }
            }
        }
    }

    private static void compare(JsonObject expected, AttentionPattern pattern) {
        int last = pattern.layers().size() - 1;
        JsonObject rollouts = expected.getAsJsonObject("rollout");
        for (String variant : rollouts.keySet()) {
            String[] parts = variant.split("/", -1);
            var options =
                    new AttentionRollout.Options(HeadFusion.valueOf(parts[0]), Double.parseDouble(parts[1]), true);
            assertClose(rollouts, variant, AttentionRollout.of(pattern, options)[last]);
        }
        assertClose(expected, "accumulated", AttentionFlow.accumulated(pattern)[last]);
        assertClose(expected, "maximumFlow", AttentionFlow.maximum(pattern, 0));
        assertClose(expected, "entropy", AttentionEntropy.mean(pattern));
        compareDiversity(expected, pattern.from(0));
        assertClose(expected, "shareOfFirst", pattern.share(0));
    }

    private static void compareDiversity(JsonObject expected, double[][][] maps) {
        for (MapDistance distance : MapDistance.values()) {
            assertClose(expected.getAsJsonObject("diversity"), distance.name(), HeadDiversity.of(maps, distance));
        }
    }

    private static void compareSpatial(JsonObject expected, AttentionPattern pattern, PatchGrid grid) {
        PatchMaps maps = PatchMaps.ofImage(pattern, grid);
        SpatialFocus[][] focus = SpatialFocus.of(maps);
        assertClose(expected, "row", of(focus, SpatialFocus::row));
        assertClose(expected, "column", of(focus, SpatialFocus::column));
        assertClose(expected, "peak", of(focus, SpatialFocus::peak));
        assertClose(expected, "concentration", of(focus, SpatialFocus::concentration));
        assertClose(expected, "centreRow", of(focus, SpatialFocus::centreRow));
        assertClose(expected, "centreColumn", of(focus, SpatialFocus::centreColumn));
        AttentionDistance distance = AttentionDistance.of(pattern, grid);
        assertClose(expected, "distance", distance.pixels());
        assertEquals(distance.pixels()[0][0] / 4, distance.patches()[0][0], 1e-12);
        assertClose(expected, "shares", maps.shares());
        compareDiversity(expected, maps.maps());
    }

    private static double[][] of(SpatialFocus[][] focus, java.util.function.ToDoubleFunction<SpatialFocus> field) {
        return Arrays.stream(focus)
                .map(heads -> Arrays.stream(heads).mapToDouble(field).toArray())
                .toArray(double[][]::new);
    }

    @ParameterizedTest
    @MethodSource("withGradients")
    void gradientRolloutIsTheReferences(String name) throws IOException {
        JsonObject expected = REFERENCE.getAsJsonObject("gradients").getAsJsonObject(name);
        float[][][][] gradients = GSON.fromJson(expected.get("gradients"), float[][][][].class);
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            AttentionPattern pattern = AttentionPattern.of(model, input(model, name, 0));
            double[][] relevance = GradientRollout.of(pattern, gradients);
            assertClose(expected, "relevance", relevance);
            Metric metric = new Logit(expected.get("output").getAsInt());
            assertClose(expected, "relevance", GradientRollout.of(model, input(model, name, 0), Objective.of(metric)));
            assertEquals(relevance[0][0] - 1, GradientRollout.from(relevance, 0)[0], 1e-12);
        }
    }

    @ParameterizedTest
    @MethodSource("attributed")
    void classLogitsAreTheSumOfWhatHeadsMlpsAndPatchesWrote(String name) {
        JsonObject expected = REFERENCE.getAsJsonObject("attributions").getAsJsonObject(name);
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            int answer = REFERENCE.get("answer").getAsInt();
            int foil = REFERENCE.get("foil").getAsInt();
            var prompts = List.of(
                    new DirectLogitAttribution.Prompt(input(model, name, 0), answer, foil),
                    new DirectLogitAttribution.Prompt(input(model, name, 1), answer, foil),
                    new DirectLogitAttribution.Prompt(input(model, name, 1), answer, DirectLogitAttribution.NO_FOIL));
            var shares = DirectLogitAttribution.of(model, prompts, new Hooks(model.points()));
            for (int i = 0; i < prompts.size(); i++) {
                float[] logits = TinyModels.reference(name)
                        .prompts()
                        .get(Math.min(i, 1))
                        .outputs()
                        .get("logits");
                assertEquals(
                        logits[answer] - (i == 2 ? 0 : logits[foil]),
                        shares.get(i).sum(),
                        TOLERANCE);
                assertEquals(shares.get(i).logitDifference(), shares.get(i).sum(), TOLERANCE);
            }
            Hooks hooks = new Hooks(model.points());
            double[][][] sources =
                    SourceAttribution.of(model, prompts.get(0), hooks).shares();
            assertClose(expected, "sources", sources);
            double[][] heads = GSON.fromJson(expected.get("heads"), double[][].class);
            double[] mlps = GSON.fromJson(expected.get("mlps"), double[].class);
            for (int layer = 0; layer < heads.length; layer++) {
                for (int head = 0; head < heads[layer].length; head++) {
                    double share = share(shares.get(0), new Component.Head(layer, head));
                    assertEquals(heads[layer][head], share, TOLERANCE);
                    assertEquals(share, Arrays.stream(sources[layer][head]).sum(), TOLERANCE);
                }
                double mlp = share(shares.get(0), new Component.Mlp(layer))
                        + share(shares.get(0), new Component.MlpBias(layer));
                assertEquals(mlps[layer], mlp, TOLERANCE);
            }
        }
    }

    private static double share(DirectLogitAttribution.Shares shares, Component component) {
        return shares.shares()[shares.components().indexOf(component)];
    }

    @ParameterizedTest
    @MethodSource("dev.kausal.engine.TinyModels#all")
    void patternsDrawnAgainFromQueriesAndKeysAreTheCapturedOnes(String name) throws IOException {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            PatternRedraw redraw = PatternRedraw.of(model, input(model, name, 0));
            assertTrue(redraw.largest() < TOLERANCE, name + " " + redraw.largest());
            assertTrue(Arrays.stream(redraw.scores()).max().orElseThrow() < 1e-4, name);
        }
    }

    @Test
    void sourcesOfGroupedHeadsSumToTheirShares() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            var prompt = new DirectLogitAttribution.Prompt(new int[] {3, 17, 42, 5, 28}, 7, 11);
            Hooks hooks = new Hooks(model.points());
            var shares =
                    DirectLogitAttribution.of(model, List.of(prompt), hooks).get(0);
            double[][][] sources = SourceAttribution.of(model, prompt, hooks).shares();
            for (int layer = 0; layer < sources.length; layer++) {
                for (int head = 0; head < sources[layer].length; head++) {
                    assertEquals(
                            share(shares, new Component.Head(layer, head)),
                            Arrays.stream(sources[layer][head]).sum(),
                            TOLERANCE);
                }
            }
            assertTrue(hooks.editsAt(model.points().named("hook_embed")) == false);
            assertTrue(model.points().all().stream().noneMatch(hooks::at), "a reading hook was left behind");
        }
    }

    @Test
    void whatTheModelLacksIsSaid() throws IOException {
        try (HookedModel vision = HookedModel.open(TinyModels.folder("timm-vit-gap"));
                HookedModel text = HookedModel.open(TinyModels.folder("gpt2"))) {
            Input image = input(vision, "timm-vit-gap", 0);
            PatchGrid grid = PatchGrid.of(vision.config(), image);
            assertSaid("no [CLS]", grid::cls);
            assertSaid("reads tokens", () -> PatchGrid.of(text.config(), Input.tokens(1, 2)));
            assertSaid(
                    "Layer 7", () -> AttentionPattern.of(text, Input.tokens(1), new Hooks(text.points()), List.of(7)));
            AttentionPattern pattern = AttentionPattern.of(vision, image);
            assertEquals(pattern.layers().size() - 1, pattern.place(-1));
            assertSaid("layers read: [0, 1]", () -> pattern.place(5));
            assertSaid("Position 99", () -> pattern.from(99));
            AttentionPattern gap = new AttentionPattern(List.of(0, 2), pattern.weights());
            assertSaid("Read every layer", () -> AttentionRollout.of(gap, AttentionRollout.Options.PAPER));
            assertSaid("not 1.0", () -> new AttentionRollout.Options(HeadFusion.MEAN, 1, true));
        }
    }

    private static void assertSaid(String part, org.junit.jupiter.api.function.Executable wrong) {
        String message = assertThrows(AttentionRangeException.class, wrong).getMessage();
        assertTrue(message.contains(part), message);
    }

    private static void assertClose(JsonObject expected, String name, Object found) {
        if (found instanceof double[] row) {
            assertArrayEquals(GSON.fromJson(expected.get(name), double[].class), row, TOLERANCE, name);
        } else if (found instanceof double[][] rows) {
            double[][] all = GSON.fromJson(expected.get(name), double[][].class);
            assertEquals(all.length, rows.length, name);
            for (int i = 0; i < all.length; i++) {
                assertArrayEquals(all[i], rows[i], TOLERANCE, name + " " + i);
            }
        } else {
            double[][][] all = GSON.fromJson(expected.get(name), double[][][].class);
            double[][][] nested = (double[][][]) found;
            assertEquals(all.length, nested.length, name);
            for (int i = 0; i < all.length; i++) {
                for (int j = 0; j < all[i].length; j++) {
                    assertArrayEquals(all[i][j], nested[i][j], TOLERANCE, name + " " + i + " " + j);
                }
            }
        }
    }
}
