package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kausal.engine.analysis.DirectLogitAttribution;
import dev.kausal.engine.analysis.LogitLens;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.MeanOf;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.Probability;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** SmolLM2-135M against Hugging Face's and TransformerLens's numbers; bench/peer_grids.py wrote them. */
final class SmolLm2PeerTest {
    /** Twice the largest difference that float32 sums in another order make here. */
    private static final double TOLERANCE = 2e-4;

    private static JsonObject peer;
    private static HookedModel model;
    private static int[] clean;
    private static int[] corrupted;
    private static Metric difference;

    @BeforeAll
    static void open() throws Exception {
        var path = RealModels.smolLm2();
        try (Reader reader = new InputStreamReader(
                SmolLm2PeerTest.class.getResourceAsStream("/peers/smollm2-135m-q4.json"), StandardCharsets.UTF_8)) {
            peer = JsonParser.parseReader(reader).getAsJsonObject();
        }
        model = HookedModel.open(path);
        clean = ints(peer.getAsJsonObject("prompts").getAsJsonArray("clean_ids"));
        corrupted = ints(peer.getAsJsonObject("prompts").getAsJsonArray("corrupted_ids"));
        difference = new LogitDifference(
                peer.getAsJsonObject("right").get("id").getAsInt(),
                peer.getAsJsonObject("wrong").get("id").getAsInt());
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
        }
    }

    @Test
    void tokensAreThePeers() {
        var text = peer.getAsJsonObject("prompts").get("clean").getAsString();
        assertArrayEquals(clean, model.tokenizer().orElseThrow().encode(text).ids());
    }

    @Test
    void unedited() {
        List<CellOutcome> outcomes = run(List.of(
                new Cell(0, List.of(), difference),
                new Cell(1, List.of(), difference),
                new Cell(0, List.of(), new Probability(7042))));
        assertEquals(peer.get("clean_difference").getAsDouble(), outcomes.get(0).value(), TOLERANCE);
        assertEquals(
                peer.get("corrupted_difference").getAsDouble(), outcomes.get(1).value(), TOLERANCE);
        assertEquals(
                peer.get("clean_right_probability").getAsDouble(),
                outcomes.get(2).value(),
                1e-5);
    }

    @Test
    void residualPatching() {
        assertGrid(
                "patch_resid_pre",
                1,
                10,
                (l, p) -> patch("blocks." + l + ".hook_resid_pre", PositionRange.at(p), Part.ALL));
    }

    @Test
    void attentionAndMlpOutputPatching() {
        assertGrid(
                "patch_attn_out",
                5,
                10,
                (l, p) -> patch("blocks." + l + ".hook_attn_out", PositionRange.at(p), Part.ALL));
        assertGrid(
                "patch_mlp_out",
                5,
                10,
                (l, p) -> patch("blocks." + l + ".hook_mlp_out", PositionRange.at(p), Part.ALL));
    }

    @Test
    void headAblation() {
        assertGrid("zero_head", 1, 9, (l, h) -> head(l, h, new Zero()));
        assertGrid("mean_head", 5, 9, (l, h) -> head(l, h, new MeanOf(List.of(0))));
    }

    @Test
    void headPatching() {
        assertGrid(
                "patch_head_z",
                5,
                9,
                (l, h) -> patch("blocks." + l + ".attn.hook_z", PositionRange.ALL, new Part.Head(h)));
    }

    @Test
    void attributionSumsAndMatchesThePeer() {
        var shares = DirectLogitAttribution.of(model, clean, new Hooks(model.points()), 7042, 7268);
        assertEquals(shares.logitDifference(), shares.sum(), 1e-4);
        List<Double> expected = new ArrayList<>();
        JsonObject attribution = peer.getAsJsonObject("attribution");
        expected.add(attribution.get("embed").getAsDouble());
        for (int layer = 0; layer < 30; layer++) {
            attribution.getAsJsonArray("heads").get(layer).getAsJsonArray().forEach(x -> expected.add(x.getAsDouble()));
            expected.add(attribution.getAsJsonArray("mlps").get(layer).getAsDouble());
        }
        assertArrayEquals(expected.stream().mapToDouble(x -> x).toArray(), shares.shares(), TOLERANCE);
    }

    @Test
    void lensReadsThePeersTokens() {
        var lens = LogitLens.of(model, clean, new Hooks(model.points()), 3, 7042, 7268);
        JsonObject expected = peer.getAsJsonObject("logit_lens");
        for (int layer = 0; layer < 30; layer++) {
            var reading = lens.get(layer).get(9);
            assertEquals(
                    expected.getAsJsonArray("top_id").get(layer).getAsInt(),
                    reading.likely().get(0).token());
            assertEquals(
                    expected.getAsJsonArray("difference").get(layer).getAsDouble(),
                    reading.logit() - reading.foilLogit(),
                    TOLERANCE);
        }
    }

    /** Compares the grid's rows of every {@code step}-th layer. */
    private static void assertGrid(String name, int step, int width, BiFunction<Integer, Integer, Cell> cell) {
        JsonArray expected = peer.getAsJsonArray(name);
        List<Cell> cells = new ArrayList<>();
        List<Double> peers = new ArrayList<>();
        for (int layer = 0; layer < 30; layer += step) {
            for (int column = 0; column < width; column++) {
                cells.add(cell.apply(layer, column));
                peers.add(expected.get(layer).getAsJsonArray().get(column).getAsDouble());
            }
        }
        List<CellOutcome> outcomes = run(cells);
        double worst = 0;
        for (int i = 0; i < cells.size(); i++) {
            worst = Math.max(worst, Math.abs(peers.get(i) - outcomes.get(i).value()));
        }
        assertTrue(worst < TOLERANCE, name + " differs from the peer by " + worst);
    }

    private static Cell patch(String site, PositionRange rows, Part part) {
        return new Cell(1, List.of(new Edit(site, rows, part, new FromRun(0, rows))), difference);
    }

    private static Cell head(int layer, int head, Replacement value) {
        return new Cell(
                0,
                List.of(new Edit("blocks." + layer + ".attn.hook_z", PositionRange.ALL, new Part.Head(head), value)),
                difference);
    }

    private static List<CellOutcome> run(List<Cell> cells) {
        List<Run> runs = List.of(new Run(clean, List.of()), new Run(corrupted, List.of()));
        return new PlainExecutor().execute(model, new SweepPlan(runs, cells), done -> {});
    }

    private static int[] ints(JsonArray array) {
        return Arrays.stream(array.asList().toArray(com.google.gson.JsonElement[]::new))
                .mapToInt(com.google.gson.JsonElement::getAsInt)
                .toArray();
    }
}
