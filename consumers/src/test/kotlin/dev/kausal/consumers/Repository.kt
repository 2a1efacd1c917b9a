package dev.kausal.consumers

import org.w3c.dom.Element
import org.w3c.dom.Node
import java.nio.file.Path
import java.util.jar.JarFile
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** The file repository that profile `publish` has filled. */
internal object Repository {
    val folder: Path = Path.of(System.getProperty("kausal.repository")).toAbsolutePath()
    val version: String = System.getProperty("kausal.version")

    /** The artifacts of this version. */
    val artifacts: List<Artifact> = folder.also {
        check(it.exists()) { "There is no $it: run 'mvn verify' for all modules, without -Dkausal.checks=false." }
    }.resolve("dev/kausal").listDirectoryEntries()
        .filter { it.isDirectory() && it.resolve(version).exists() }
        .map { Artifact(it.name, it.resolve(version)) }
        .sortedBy { it.name }

    fun artifact(name: String): Artifact = artifacts.single { it.name == name }
}

/** An artifact with its files. */
internal class Artifact(
    val name: String,
    val folder: Path,
) {
    val files: List<Path> get() = folder.listDirectoryEntries().sorted()

    private val pom: Element by lazy { parsed(file(".pom")) }

    /** Whether it is only a POM. */
    val isPom: Boolean get() = text("packaging") == "pom"

    fun file(suffix: String): Path = folder.resolve("$name-${Repository.version}$suffix")

    /** Returns the text of an element of the POM, or of its parent's, by names from the top; null if neither has it. */
    fun inherited(vararg path: String): String? =
        text(*path) ?: text("parent", "artifactId")?.let { Repository.artifact(it).inherited(*path) }

    /** Returns the text of an element of the POM itself. */
    fun text(vararg path: String): String? = element(pom, path.toList())?.textContent?.trim()?.ifEmpty { null }

    /** Returns the texts of all elements called [tag]. */
    fun all(tag: String): List<String> =
        pom.getElementsByTagName(tag).let { found -> List(found.length) { found.item(it).textContent.trim() } }

    /** The names of the artifacts that programs with this one need. */
    val runtimeDependencies: List<String>
        get() = children(pom).filter { it.tagName == "dependencies" }.flatMap(::children).filter { dependency ->
            val of = children(dependency).associate { it.tagName to it.textContent.trim() }
            of["scope"] in setOf(null, "compile", "runtime") && of["optional"] != "true"
        }.map { dependency -> children(dependency).single { it.tagName == "artifactId" }.textContent.trim() }

    /** Returns the names of the entries of a jar. */
    fun entries(suffix: String): List<String> =
        JarFile(file(suffix).toFile()).use { jar -> jar.stream().map { it.name }.toList() }

    val moduleName: String?
        get() = JarFile(file(".jar").toFile()).use { it.manifest.mainAttributes.getValue("Automatic-Module-Name") }

    override fun toString(): String = name

    private fun element(from: Element, path: List<String>): Element? {
        if (path.isEmpty()) return from
        val child = children(from).find { it.tagName == path.first() } ?: return null
        return element(child, path.drop(1))
    }

    private fun children(of: Element): List<Element> =
        of.childNodes.let { nodes -> List<Node>(nodes.length) { nodes.item(it) } }.filterIsInstance<Element>()

    private fun parsed(file: Path): Element =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile()).documentElement
}
