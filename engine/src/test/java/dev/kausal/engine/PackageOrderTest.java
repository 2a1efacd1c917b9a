package dev.kausal.engine;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A package uses those before it only, and none in a circle. */
final class PackageOrderTest {
    private static final String ROOT = "dev.kausal.engine.";

    private static final List<String> ORDER = List.of(
            "errors",
            "names",
            "files",
            "tensor",
            "weights",
            "tokens",
            "config",
            "family",
            "images",
            "hooks",
            "features",
            "metrics",
            "edits",
            "rows",
            "graph",
            "forward",
            "plan",
            "plan.rewrite",
            "source",
            "model",
            "exec",
            "gradients",
            "estimates",
            "circuits",
            "replacement",
            "analysis",
            "analysis.attention",
            "training",
            "requests",
            "certify");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.kausal.engine");

    private static String slice(JavaClass type) {
        String name = type.getPackageName();
        return name.length() < ROOT.length() ? "" : name.substring(ROOT.length());
    }

    @Test
    void everyPackageHasItsPlace() {
        Set<String> found =
                CLASSES.stream().map(PackageOrderTest::slice).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(ORDER), found);
    }

    @Test
    void noPackageUsesALaterOne() {
        List<String> against = CLASSES.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(use -> use.getTargetClass().getPackageName().startsWith(ROOT))
                .filter(use -> ORDER.indexOf(slice(use.getOriginClass())) < ORDER.indexOf(slice(use.getTargetClass())))
                .map(use -> use.getOriginClass().getName() + " uses "
                        + use.getTargetClass().getName())
                .distinct()
                .sorted()
                .toList();
        assertTrue(against.isEmpty(), () -> String.join("\n", against));
    }

    @Test
    void noPackagesDependOnEachOther() {
        slices().matching("dev.kausal.engine.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
