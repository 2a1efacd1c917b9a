package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kausal.engine.analysis.AnalysisRangeException;
import dev.kausal.engine.analysis.AnalysisUndefinedException;
import dev.kausal.engine.analysis.LogitLens;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.requests.Embeddings;
import dev.kausal.engine.requests.HeadResults;
import dev.kausal.engine.requests.Lens;
import dev.kausal.engine.requests.Request;
import dev.kausal.engine.requests.TokenNames;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tokens and positions that a model lacks are refused by name, and not by an index of an array. */
final class AnalysisRangesTest {
    private static final List<Integer> IDS = List.of(3, 17);

    private static void refused(HookedModel model, Request<?> request, String message) {
        assertEquals(
                message,
                assertThrows(AnalysisRangeException.class, () -> request.of(model))
                        .getMessage());
    }

    private static Lens lens(int top, List<Integer> answers) {
        return new Lens(IDS, new LogitLens.Query(top, answers, List.of(), List.of()));
    }

    @Test
    void tokensAndPositionsOutOfRange() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            int tokens = model.config().vocabulary();
            String ids = " is " + tokens + ", but must be from 0 to " + (tokens - 1) + ".";
            refused(model, new Embeddings(List.of(1, tokens)), "The id of an embedded token" + ids);
            refused(
                    model,
                    new Embeddings(List.of(-1)),
                    "The id of an embedded token is -1, but must be from 0 to " + (tokens - 1) + ".");
            refused(model, new HeadResults(IDS, 2), "The position of heads' outputs is 2, but must be from 0 to 1.");
            refused(
                    model,
                    lens(0, List.of(1)),
                    "The number of tokens that a logit lens keeps is 0, but must be from 1 to " + tokens + ".");
            refused(model, lens(1, List.of(tokens)), "The id of a token that a logit lens reads" + ids);
            assertEquals(1, lens(1, List.of()).of(model).get(0).get(0).likely().size());
            assertEquals(2, new Embeddings(IDS).of(model).length);
            assertEquals(model.config().layers(), new HeadResults(IDS, 1).of(model).length);
        }
    }

    @Test
    void namesOfTokensBeyondTheVocabulary() {
        try (HookedModel model = HookedModel.open(Path.of("src/main/resources/embedded/induction"))) {
            int tokens = model.config().vocabulary();
            refused(
                    model,
                    new TokenNames(List.of(0, tokens)),
                    "The id of a named token is " + tokens + ", but must be from 0 to " + (tokens - 1) + ".");
        }
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            Exception e = assertThrows(AnalysisUndefinedException.class, () -> new TokenNames(List.of(0)).of(model));
            assertEquals(
                    "Names of tokens need a tokenizer, but this llama model has none. Use a checkpoint of a text model "
                            + "with its tokenizer's files.",
                    e.getMessage());
        }
    }

    @Test
    void tokensOfAModelOfImages() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("vit"))) {
            for (Request<?> request : List.of(new Embeddings(List.of(0)), new TokenNames(List.of(0)))) {
                assertThrows(AnalysisUndefinedException.class, () -> request.of(model));
            }
        }
    }
}
