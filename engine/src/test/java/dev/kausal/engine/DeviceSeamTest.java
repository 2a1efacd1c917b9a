package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tensor.Tuning;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Code that a GPU runs, on a device that has a GPU's sizes and the processor's memory; and a rule that arrays of a model
 * are made on its device.
 */
@ExtendWith(NoOpenArrays.class)
final class DeviceSeamTest {
    private static final Device LIKE_A_GPU = new Device("like cuda:0", Device.CPU.memory(), Tuning.CUDA);

    /** Readers of files and of reference values, whose arrays are moved, or become Java numbers. */
    private static final Set<String> IN_HOST_MEMORY = Set.of(
            "certify.AgainstReference",
            "certify.Reference",
            "certify.SelfPatches",
            "features.SaeLens",
            "model.GgufRopeFactors",
            "model.LoraMerge",
            "tensor.Torch");

    static Stream<String> models() {
        return TinyModels.DECODERS.stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void aGpusSizesChangeNumbersByRoundingOnly(String name) {
        try (HookedModel processor = HookedModel.open(TinyModels.folder(name));
                HookedModel model = HookedModel.open(TinyModels.folder(name), LIKE_A_GPU)) {
            for (long seed = 0; seed < 5; seed++) {
                SweepPlan plan = new RandomPlans(processor, seed).draw();
                List<CellOutcome> expected = new BatchedExecutor(1L << 28).execute(processor, plan, done -> {});
                List<CellOutcome> found = new BatchedExecutor(1L << 28).execute(model, plan, done -> {});
                for (int cell = 0; cell < expected.size(); cell++) {
                    double value = expected.get(cell).value();
                    double noise = Double.isNaN(value) ? 0 : 2e-4 * Math.max(1, Math.abs(value));
                    assertEquals(value, found.get(cell).value(), noise, "cell " + cell);
                }
            }
        }
    }

    @Test
    void onlyReadersOfFilesMakeArraysInHostMemory() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.kausal.engine");
        Set<String> callers = callers(classes, Torch.class, "manager");
        assertEquals(new TreeSet<>(IN_HOST_MEMORY), callers);
    }

    @Test
    void onlyDevicesMakeRootManagers() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.kausal.engine");
        Set<String> callers = callers(classes, ai.djl.ndarray.NDManager.class, "newBaseManager");
        assertTrue(callers.stream().allMatch(name -> name.startsWith("tensor.")), callers::toString);
        assertTrue(callers.contains("tensor.Device"));
    }

    private static Set<String> callers(JavaClasses classes, Class<?> owner, String method) {
        return classes.stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> calls(call, owner, method))
                .map(call -> call.getOriginOwner().getName().substring("dev.kausal.engine.".length()))
                .map(name -> name.split("\\$", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean calls(JavaMethodCall call, Class<?> owner, String method) {
        return call.getTargetOwner().isEquivalentTo(owner) && call.getName().equals(method);
    }
}
