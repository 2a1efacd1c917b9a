package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.hooks.HookFilter;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.hooks.Trigger;
import dev.kausal.engine.hooks.UnknownHookPointException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Hooks by filter that only watch: when they call back, that they change nothing, and that they go. */
@ExtendWith(NoOpenArrays.class)
final class WatchTest {
    private static HookedModel model;

    @BeforeAll
    static void open() {
        model = HookedModel.open(TinyModels.folder("llama"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private final Hooks hooks = new Hooks(model.points());
    private final List<String> seen = new ArrayList<>();

    private float[] run() {
        try (NDManager manager = Torch.manager()) {
            return model.lastLogits(List.of(new int[] {3, 1, 4}), hooks, manager)
                    .toFloatArray();
        }
    }

    private HookHandle watch(Trigger trigger) {
        return hooks.watch(
                HookFilter.kinds(HookKind.PATTERN, HookKind.MLP_OUT)
                        .and(HookFilter.layers(1))
                        .or(HookFilter.names(name -> name.endsWith("hook_embed"))),
                trigger,
                (activation, point) -> seen.add(point.name()));
    }

    @Test
    void everyTimeOnePointOfTheFilterIsReached() {
        float[] alone = run();
        HookHandle handle = watch(Trigger.every());
        assertArrayEquals(alone, run());
        assertEquals(List.of("hook_embed", "blocks.1.attn.hook_pattern", "blocks.1.hook_mlp_out"), seen);
        run();
        assertEquals(6, handle.fired());
    }

    @Test
    void theFirstTimeOnly() {
        HookHandle handle = watch(Trigger.first());
        run();
        run();
        assertEquals(List.of("hook_embed"), seen);
        assertEquals(1, handle.fired());
    }

    @Test
    void whenTheActivationMeetsACondition() {
        HookHandle handle = watch(Trigger.when((x, point) -> x.getShape().dimension() == 4));
        run();
        assertEquals(List.of("blocks.1.attn.hook_pattern"), seen);
        HookHandle never = watch(Trigger.when((x, point) -> x.isNaN().any().getBoolean()));
        run();
        assertEquals(2, handle.fired());
        assertEquals(0, never.fired());
        watch(Trigger.when((x, point) -> x.getShape().dimension() == 3).justOnce());
        run();
        assertEquals(
                List.of(
                        "blocks.1.attn.hook_pattern",
                        "blocks.1.attn.hook_pattern",
                        "hook_embed",
                        "blocks.1.attn.hook_pattern"),
                seen);
    }

    @Test
    void onceClosedItIsGoneFromEveryPoint() {
        HookHandle handle = watch(Trigger.every());
        assertTrue(hooks.at(model.points().named("hook_embed")));
        handle.close();
        run();
        assertEquals(List.of(), seen);
        assertEquals(0, handle.fired());
        assertTrue(model.points().all().stream().noneMatch(hooks::at));
        handle.close();
    }

    @Test
    void closedByItsOwnCallbackItIsGoneWithinThePass() {
        List<HookHandle> handles = new ArrayList<>();
        handles.add(hooks.watch(HookFilter.layers(0, 1), Trigger.every(), (x, point) -> {
            seen.add(point.name());
            handles.get(0).close();
        }));
        run();
        assertEquals(1, seen.size());
        assertFalse(hooks.at(model.points().named("blocks.1.hook_mlp_out")));
    }

    @Test
    void aFilterThatAcceptsNothingIsAnError() {
        UnknownHookPointException e = assertThrows(
                UnknownHookPointException.class,
                () -> hooks.watch(HookFilter.layers(9), Trigger.every(), (x, point) -> {}));
        assertTrue(e.getMessage().contains("filter"), e.getMessage());
    }
}
