<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AxesPanel</name>
    <message>
        <source>%1 s</source>
        <translation>%1&#xa0;s</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1&#xa0;min</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1&#xa0;h %2&#xa0;min</translation>
    </message>
    <message>
        <source>What is compared</source>
        <translation>Was verglichen wird</translation>
    </message>
    <message>
        <source>Along these axes</source>
        <translation>Entlang dieser Achsen</translation>
    </message>
    <message>
        <source>Add an axis</source>
        <translation>Achse hinzufügen</translation>
    </message>
    <message>
        <source>Values: a list (mgdm, dps), a range (1..8), steps (10..50+10) or factors (16..256*2).</source>
        <translation>Werte: eine Liste (mgdm, dps), ein Bereich (1..8), Schritte (10..50+10) oder Faktoren (16..256*2).</translation>
    </message>
    <message>
        <source>Leave out what cannot be</source>
        <translation>Weglassen, was nicht geht</translation>
    </message>
    <message>
        <source>Cells whose sampler cannot do the task, or has not the setting, are not shown.</source>
        <translation>Zellen, deren Sampler die Aufgabe nicht kann oder die Einstellung nicht hat, werden nicht gezeigt.</translation>
    </message>
    <message>
        <source>Nothing yet: open a photo or a song and choose “Compare settings…” there.</source>
        <translation>Noch nichts: ein Foto oder einen Song öffnen und dort „Einstellungen vergleichen…“ wählen.</translation>
    </message>
    <message>
        <source>Pictures.</source>
        <translation>Bilder.</translation>
    </message>
    <message>
        <source>Sampler</source>
        <translation>Sampler</translation>
    </message>
    <message>
        <source>Quality (preset)</source>
        <translation>Qualität (Voreinstellung)</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>Several draws with the same settings.</source>
        <translation>Mehrere Ziehungen mit denselben Einstellungen.</translation>
    </message>
    <message>
        <source>Songs…</source>
        <translation>Songs…</translation>
    </message>
    <message>
        <source>Files…</source>
        <translation>Dateien…</translation>
    </message>
    <message>
        <source>Methods without a model</source>
        <translation>Verfahren ohne Modell</translation>
    </message>
    <message>
        <source>Of the run</source>
        <translation>Des Laufs</translation>
    </message>
    <message>
        <source>Of the model</source>
        <translation>Des Modells</translation>
    </message>
    <message>
        <source>Of %1</source>
        <translation>Von %1</translation>
    </message>
    <message>
        <source>Files to compare on</source>
        <translation>Dateien, auf denen verglichen wird</translation>
    </message>
    <message>
        <source>Remove this axis</source>
        <translation>Diese Achse entfernen</translation>
    </message>
    <message>
        <source>Remove the axis %1</source>
        <translation>Die Achse %1 entfernen</translation>
    </message>
    <message>
        <source>Values of %1</source>
        <translation>Werte von %1</translation>
    </message>
    <message numerus="yes">
        <source>%n cell(s)</source>
        <translation>
            <numerusform>%n Zelle</numerusform>
            <numerusform>%n Zellen</numerusform>
        </translation>
    </message>
    <message>
        <source>, about %1</source>
        <translation>, etwa %1</translation>
    </message>
    <message numerus="yes">
        <source>%n of them cannot be run:</source>
        <translation>
            <numerusform>%n davon lässt sich nicht rechnen:</numerusform>
            <numerusform>%n davon lassen sich nicht rechnen:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>AxisBar</name>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>Tabs</source>
        <translation>Reiter</translation>
    </message>
    <message>
        <source>%1, in %2</source>
        <comment>an axis and its place</comment>
        <translation>%1, in %2</translation>
    </message>
    <message>
        <source>Drag “%1” to the rows, columns or tabs; a click opens a menu</source>
        <translation>„%1“ in die Zeilen, Spalten oder Reiter ziehen; ein Klick öffnet ein Menü</translation>
    </message>
    <message>
        <source>Show as rows</source>
        <translation>Als Zeilen zeigen</translation>
    </message>
    <message>
        <source>Show as columns</source>
        <translation>Als Spalten zeigen</translation>
    </message>
    <message>
        <source>Show as tabs</source>
        <translation>Als Reiter zeigen</translation>
    </message>
</context>
<context>
    <name>AxisWords</name>
    <message>
        <source>Sampler</source>
        <translation>Sampler</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>Photo</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>Song</source>
        <translation>Song</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Method without a model</source>
        <translation>Verfahren ohne Modell</translation>
    </message>
</context>
<context>
    <name>BeatRow</name>
    <message>
        <source>Beats</source>
        <translation>Schläge</translation>
    </message>
    <message>
        <source>Metronome: a click on each beat (M)</source>
        <translation>Metronom: ein Klick auf jeden Schlag (M)</translation>
    </message>
    <message>
        <source>Loudness of the clicks</source>
        <translation>Lautstärke der Klicks</translation>
    </message>
    <message>
        <source> bpm</source>
        <translation> bpm</translation>
    </message>
    <message>
        <source>Beats in a minute</source>
        <translation>Schläge je Minute</translation>
    </message>
    <message>
        <source>Beats in a minute of the song; a number that is set here makes them even from the playhead on</source>
        <translation>Schläge je Minute des Songs; eine Zahl, die Sie hier setzen, macht sie vom Abspielkopf aus gleichmäßig</translation>
    </message>
    <message>
        <source>Half as many beats</source>
        <translation>Halb so viele Schläge</translation>
    </message>
    <message>
        <source>Twice as many beats</source>
        <translation>Doppelt so viele Schläge</translation>
    </message>
    <message>
        <source>All beats 10 ms earlier</source>
        <translation>Alle Schläge 10 ms früher</translation>
    </message>
    <message>
        <source>All beats 10 ms later</source>
        <translation>Alle Schläge 10 ms später</translation>
    </message>
    <message>
        <source>One</source>
        <translation>Eins</translation>
    </message>
    <message>
        <source>The beat at the playhead is the first of a bar</source>
        <translation>Der Schlag am Abspielkopf ist der erste eines Takts</translation>
    </message>
    <message>
        <source> a bar</source>
        <translation> je Takt</translation>
    </message>
    <message>
        <source>Beats in a bar</source>
        <translation>Schläge je Takt</translation>
    </message>
    <message>
        <source>Count-in</source>
        <translation>Einzählen</translation>
    </message>
    <message>
        <source>Clicks before the song begins to play</source>
        <translation>Klicks, bevor der Song zu spielen beginnt</translation>
    </message>
    <message>
        <source>each pass</source>
        <translation>jedes Mal</translation>
    </message>
    <message>
        <source>Counts before each pass of the marked part, too</source>
        <translation>Zählt auch vor jedem Durchgang des markierten Teils</translation>
    </message>
    <message>
        <source>no beats</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>finding %1 %</source>
        <translation>suche %1 %</translation>
    </message>
    <message>
        <source>none</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>1 bar</source>
        <translation>1 Takt</translation>
    </message>
    <message>
        <source>2 bars</source>
        <translation>2 Takte</translation>
    </message>
</context>
<context>
    <name>BlindView</name>
    <message>
        <source>Picture A</source>
        <translation>Bild A</translation>
    </message>
    <message>
        <source>Picture B</source>
        <translation>Bild B</translation>
    </message>
    <message>
        <source>Two cells without their names</source>
        <translation>Zwei Zellen ohne ihre Namen</translation>
    </message>
    <message>
        <source>Judge without names:</source>
        <translation>Ohne Namen beurteilen:</translation>
    </message>
    <message>
        <source>The axis that is judged</source>
        <translation>Die Achse, die beurteilt wird</translation>
    </message>
    <message>
        <source>Begin anew</source>
        <translation>Von vorn beginnen</translation>
    </message>
    <message>
        <source>Show who is who</source>
        <translation>Zeigen, wer wer ist</translation>
    </message>
    <message>
        <source>Key %1</source>
        <translation>Taste %1</translation>
    </message>
    <message>
        <source>Listen to A</source>
        <translation>A anhören</translation>
    </message>
    <message>
        <source>A is better</source>
        <translation>A ist besser</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>Links</translation>
    </message>
    <message>
        <source>No difference</source>
        <translation>Kein Unterschied</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Unten</translation>
    </message>
    <message>
        <source>B is better</source>
        <translation>B ist besser</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Rechts</translation>
    </message>
    <message>
        <source>Listen to B</source>
        <translation>B anhören</translation>
    </message>
    <message numerus="yes">
        <source>%n judgement(s)</source>
        <translation>
            <numerusform>%n Urteil</numerusform>
            <numerusform>%n Urteile</numerusform>
        </translation>
    </message>
    <message>
        <source>Two cells that differ along this axis have to be done.</source>
        <translation>Zwei Zellen, die sich entlang dieser Achse unterscheiden, müssen fertig sein.</translation>
    </message>
    <message>
        <source>preferred</source>
        <translation>bevorzugt</translation>
    </message>
    <message>
        <source>better</source>
        <translation>besser</translation>
    </message>
    <message>
        <source>worse</source>
        <translation>schlechter</translation>
    </message>
    <message>
        <source>no difference</source>
        <translation>kein Unterschied</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>Photo</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>The photo, the mask painted on it, and the result</source>
        <translation>Das Foto, die darauf gemalte Maske und das Ergebnis</translation>
    </message>
    <message>
        <source>%1 × %2 photo pixels, seen as %3 × %4</source>
        <translation>%1 × %2 Fotopixel, gesehen als %3 × %4</translation>
    </message>
    <message>
        <source>brush stroke</source>
        <translation>Pinselstrich</translation>
    </message>
    <message>
        <source>erasing</source>
        <translation>Radieren</translation>
    </message>
    <message>
        <source>rectangle</source>
        <translation>Rechteck</translation>
    </message>
    <message>
        <source>lasso</source>
        <translation>Lasso</translation>
    </message>
    <message>
        <source>filling</source>
        <translation>Füllen</translation>
    </message>
    <message>
        <source>%1 × %2 photo pixels</source>
        <translation>%1 × %2 Fotopixel</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Jetzt</translation>
    </message>
    <message>
        <source>As opened</source>
        <translation>Wie geöffnet</translation>
    </message>
</context>
<context>
    <name>CellGrid</name>
    <message>
        <source>Pictures of all cells, side by side</source>
        <translation>Bilder aller Zellen nebeneinander</translation>
    </message>
    <message>
        <source>Cells</source>
        <translation>Zellen</translation>
    </message>
    <message>
        <source>Show large</source>
        <translation>Groß zeigen</translation>
    </message>
    <message>
        <source>No longer hold others against it</source>
        <translation>Andere nicht mehr daran messen</translation>
    </message>
    <message>
        <source>Hold others against it</source>
        <translation>Andere daran messen</translation>
    </message>
    <message>
        <source>Whole pictures</source>
        <translation>Ganze Bilder</translation>
    </message>
    <message>
        <source>Actual size</source>
        <translation>Originalgröße</translation>
    </message>
    <message>
        <source>Nothing to compare yet</source>
        <translation>Noch nichts zu vergleichen</translation>
    </message>
    <message>
        <source>B</source>
        <comment>the second of two cells</comment>
        <translation>B</translation>
    </message>
    <message>
        <source>A</source>
        <comment>the first of two cells</comment>
        <translation>A</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>beginnt</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1&#xa0;%</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>an axis and its value</comment>
        <translation>%1&#xa0;%2</translation>
    </message>
    <message>
        <source>running, %1 %</source>
        <translation>läuft, %1&#xa0;%</translation>
    </message>
    <message>
        <source>failed: %1</source>
        <translation>gescheitert: %1</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>a figure and its value</comment>
        <translation>%1&#xa0;%2</translation>
    </message>
    <message>
        <source>the best</source>
        <translation>das beste</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>a cell and what is known of it</comment>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>CellPlot</name>
    <message>
        <source>Quality against effort</source>
        <translation>Güte gegen Aufwand</translation>
    </message>
    <message>
        <source>all cells</source>
        <translation>alle Zellen</translation>
    </message>
    <message>
        <source>%1 % done</source>
        <translation>%1&#xa0;% fertig</translation>
    </message>
    <message>
        <source>No finished cell has a figure of quality yet.</source>
        <translation>Noch keine fertige Zelle hat ein Maß der Güte.</translation>
    </message>
    <message>
        <source>No cell has both %1 and %2 yet.</source>
        <translation>Noch keine Zelle hat sowohl %1 als auch %2.</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n cells</source>
        <translation>
            <numerusform>%1 von %n Zelle</numerusform>
            <numerusform>%1 von %n Zellen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CellTable</name>
    <message>
        <source>Cells</source>
        <translation>Zellen</translation>
    </message>
    <message>
        <source>Show all columns</source>
        <translation>Alle Spalten zeigen</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1&#xa0;%</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>Best of all finished cells (%1)</source>
        <translation>Beste aller fertigen Zellen (%1)</translation>
    </message>
    <message>
        <source>, best</source>
        <translation>, beste</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>higher is better</source>
        <translation>höher ist besser</translation>
    </message>
    <message>
        <source>lower is better</source>
        <translation>niedriger ist besser</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>Save the comparison</source>
        <translation>Vergleich speichern</translation>
    </message>
    <message>
        <source>Saved to %1.</source>
        <translation>Gespeichert als %1.</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Writing %1…</source>
        <translation>%1 wird geschrieben…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Nothing was written.</source>
        <translation>Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>Ends the run; finished cells are kept, the one that is on goes on from here the next time (Esc).</source>
        <translation>Beendet den Lauf; fertige Zellen bleiben, die laufende macht beim nächsten Mal von hier aus weiter (Esc).</translation>
    </message>
    <message>
        <source>All cells</source>
        <translation>Alle Zellen</translation>
    </message>
    <message>
        <source>One cell large</source>
        <translation>Eine Zelle groß</translation>
    </message>
    <message>
        <source>Table of figures</source>
        <translation>Tabelle der Kennzahlen</translation>
    </message>
    <message>
        <source>Plot of quality against effort</source>
        <translation>Güte gegen Aufwand</translation>
    </message>
    <message>
        <source>Race of two cells</source>
        <translation>Wettlauf zweier Zellen</translation>
    </message>
    <message>
        <source>Judge without names</source>
        <translation>Ohne Namen beurteilen</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>Abspielen oder anhalten</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Pause, go on</source>
        <translation>Pause, weiter</translation>
    </message>
    <message>
        <source>Stop, or back to all cells</source>
        <translation>Beenden, oder zurück zu allen Zellen</translation>
    </message>
    <message>
        <source>Use these settings</source>
        <translation>Diese Einstellungen übernehmen</translation>
    </message>
    <message>
        <source>Whole pictures</source>
        <translation>Ganze Bilder</translation>
    </message>
    <message>
        <source>The pictures&apos; own pixels</source>
        <translation>Die eigenen Pixel der Bilder</translation>
    </message>
    <message>
        <source>Open a folder of results or pictures…</source>
        <translation>Ordner mit Ergebnissen oder Bildern öffnen…</translation>
    </message>
    <message>
        <source>Save the comparison…</source>
        <translation>Vergleich speichern…</translation>
    </message>
    <message>
        <source>Export the grid as PNG…</source>
        <translation>Raster als PNG exportieren…</translation>
    </message>
    <message>
        <source>Export the grid as PDF…</source>
        <translation>Raster als PDF exportieren…</translation>
    </message>
    <message>
        <source>Export the table as CSV…</source>
        <translation>Tabelle als CSV exportieren…</translation>
    </message>
    <message>
        <source>Export all as one HTML file…</source>
        <translation>Alles als eine HTML-Datei exportieren…</translation>
    </message>
    <message>
        <source>Compare settings, samplers and models side by side.
Open a photo or a song and choose “Compare settings…” there, or open what was compared before.</source>
        <translation>Einstellungen, Sampler und Modelle nebeneinander vergleichen.
Ein Foto oder einen Song öffnen und dort „Einstellungen vergleichen…“ wählen, oder öffnen, was früher verglichen wurde.</translation>
    </message>
    <message>
        <source>Open a folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>An example: samplers on the sample photo</source>
        <translation>Ein Beispiel: Sampler auf dem Beispielfoto</translation>
    </message>
    <message>
        <source>Grid</source>
        <translation>Raster</translation>
    </message>
    <message>
        <source>Large</source>
        <translation>Groß</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>Plot</source>
        <translation>Diagramm</translation>
    </message>
    <message>
        <source>Race</source>
        <translation>Wettlauf</translation>
    </message>
    <message>
        <source>Blind</source>
        <translation>Blind</translation>
    </message>
    <message>
        <source>Cells that are done</source>
        <translation>Fertige Zellen</translation>
    </message>
    <message>
        <source>Loading the model %1…</source>
        <translation>Das Modell %1 wird geladen…</translation>
    </message>
    <message>
        <source>%1 of %2 cells</source>
        <translation>%1 von %2 Zellen</translation>
    </message>
    <message>
        <source>, about %1 s left</source>
        <translation>, noch etwa %1&#xa0;s</translation>
    </message>
    <message numerus="yes">
        <source>Stopped; %n cell(s) done.</source>
        <translation>
            <numerusform>Beendet; %n Zelle fertig.</numerusform>
            <numerusform>Beendet; %n Zellen fertig.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n cell(s) done.</source>
        <translation>
            <numerusform>%n Zelle fertig.</numerusform>
            <numerusform>%n Zellen fertig.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed; each says why.</source>
        <translation>
            <numerusform>%n ist gescheitert und sagt, warum.</numerusform>
            <numerusform>%n sind gescheitert; jede sagt, warum.</numerusform>
        </translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Compare tools</source>
        <translation>Werkzeuge für Vergleiche</translation>
    </message>
    <message>
        <source>Comparisons (*.json)</source>
        <translation>Vergleiche (*.json)</translation>
    </message>
    <message>
        <source>A comparison is still on. Close the program?</source>
        <translation>Ein Vergleich läuft noch. Das Programm schließen?</translation>
    </message>
    <message>
        <source>Finished cells are kept; the next time it goes on where it was.</source>
        <translation>Fertige Zellen bleiben; beim nächsten Mal geht es dort weiter, wo es war.</translation>
    </message>
    <message>
        <source>Stop and close</source>
        <translation>Beenden und schließen</translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Weiterrechnen</translation>
    </message>
    <message>
        <source>A comparison is still on; stop it first.</source>
        <translation>Ein Vergleich läuft noch; ihn zuerst beenden.</translation>
    </message>
    <message>
        <source>The reference to hold the pictures against (Cancel: none)</source>
        <translation>Die Referenz, an der die Bilder gemessen werden (Abbrechen: keine)</translation>
    </message>
    <message>
        <source>A folder of results or of pictures</source>
        <translation>Ein Ordner mit Ergebnissen oder Bildern</translation>
    </message>
    <message>
        <source>Results in %1; new ones are shown as they come.</source>
        <translation>Ergebnisse in %1; neue werden gezeigt, sobald sie kommen.</translation>
    </message>
    <message>
        <source>The cells are being counted.</source>
        <translation>Die Zellen werden gezählt.</translation>
    </message>
    <message>
        <source>Some cells cannot be run: take them out, or leave out what cannot be.</source>
        <translation>Einige Zellen lassen sich nicht rechnen: herausnehmen, oder weglassen, was nicht geht.</translation>
    </message>
    <message>
        <source>Runs all cells that are not done yet (Ctrl+Return).</source>
        <translation>Rechnet alle Zellen, die noch nicht fertig sind (Strg+Eingabe).</translation>
    </message>
    <message>
        <source>There is nothing to run yet.</source>
        <translation>Es gibt noch nichts zu rechnen.</translation>
    </message>
</context>
<context>
    <name>CurvePlot</name>
    <message>
        <source>%1 over the evaluations</source>
        <translation>%1 über den Auswertungen</translation>
    </message>
</context>
<context>
    <name>Document</name>
    <message>
        <source>moving the working area</source>
        <translation>Verschieben des Arbeitsbereichs</translation>
    </message>
    <message>
        <source>putting the sample in</source>
        <translation>Ergebnis einsetzen</translation>
    </message>
    <message>
        <source>showing a layer</source>
        <translation>Ebene zeigen</translation>
    </message>
    <message>
        <source>hiding a layer</source>
        <translation>Ebene ausblenden</translation>
    </message>
    <message>
        <source>a layer&apos;s opacity</source>
        <translation>Deckkraft einer Ebene</translation>
    </message>
    <message>
        <source>removing a layer</source>
        <translation>Ebene entfernen</translation>
    </message>
    <message>
        <source>moving a layer</source>
        <translation>Ebene verschieben</translation>
    </message>
</context>
<context>
    <name>EarBar</name>
    <message>
        <source>Play or pause</source>
        <translation>Abspielen oder anhalten</translation>
    </message>
    <message>
        <source>Play or pause (Space); another cell takes over at the same place.</source>
        <translation>Abspielen oder anhalten (Leertaste); eine andere Zelle macht an derselben Stelle weiter.</translation>
    </message>
    <message>
        <source>Place in the song</source>
        <translation>Stelle im Song</translation>
    </message>
    <message>
        <source>Which stem is heard</source>
        <translation>Welche Spur zu hören ist</translation>
    </message>
    <message>
        <source>What is heard</source>
        <translation>Was zu hören ist</translation>
    </message>
    <message>
        <source>the cell</source>
        <translation>die Zelle</translation>
    </message>
    <message>
        <source>the true stem</source>
        <translation>die wahre Spur</translation>
    </message>
    <message>
        <source>the mix</source>
        <translation>die Mischung</translation>
    </message>
    <message>
        <source>Same loudness</source>
        <translation>Gleiche Lautstärke</translation>
    </message>
    <message>
        <source>All cells as loud as the softest, so that the louder one does not win for that alone.</source>
        <translation>Alle Zellen so laut wie die leiseste, damit nicht die lautere schon deshalb gewinnt.</translation>
    </message>
    <message>
        <source>all stems</source>
        <translation>alle Spuren</translation>
    </message>
    <message>
        <source>Stem</source>
        <translation>Spur</translation>
    </message>
    <message>
        <source>Hear</source>
        <translation>Hören</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>without %1</source>
        <translation>ohne %1</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>One file of what is heard</source>
        <translation>Eine Datei, wie zu hören</translation>
    </message>
    <message>
        <source>All stems are muted.</source>
        <translation>Alle Stimmen sind stumm.</translation>
    </message>
    <message>
        <source>%1, as loud and where they are set</source>
        <translation>%1, so laut und dort, wo sie eingestellt sind</translation>
    </message>
    <message>
        <source>One file of everything but</source>
        <translation>Eine Datei mit allem außer</translation>
    </message>
    <message>
        <source>Stem that is left out</source>
        <translation>Stimme, die fehlt</translation>
    </message>
    <message>
        <source>A file for each stem</source>
        <translation>Eine Datei je Stimme</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>OGG Vorbis</source>
        <translation>OGG Vorbis</translation>
    </message>
    <message>
        <source>Bit depth</source>
        <translation>Bittiefe</translation>
    </message>
    <message>
        <source>16 bit</source>
        <translation>16 Bit</translation>
    </message>
    <message>
        <source>24 bit</source>
        <translation>24 Bit</translation>
    </message>
    <message>
        <source>32 bit, float</source>
        <translation>32 Bit, Gleitkomma</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Replace what is there</source>
        <translation>Vorhandenes ersetzen</translation>
    </message>
    <message>
        <source>_stems</source>
        <translation>_Stimmen</translation>
    </message>
    <message>
        <source>%1 mix</source>
        <translation>%1 Mischung</translation>
    </message>
    <message>
        <source>It needs a name.</source>
        <translation>Ein Name fehlt.</translation>
    </message>
    <message>
        <source>A name cannot begin with a dot or hold a slash.</source>
        <translation>Ein Name kann nicht mit einem Punkt beginnen und keinen Schrägstrich enthalten.</translation>
    </message>
    <message>
        <source>There is no folder of this name.</source>
        <translation>Es gibt keinen Ordner dieses Namens.</translation>
    </message>
    <message>
        <source>Nothing can be written into this folder.</source>
        <translation>In diesen Ordner kann nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>No stem is chosen.</source>
        <translation>Es ist keine Stimme gewählt.</translation>
    </message>
    <message>
        <source>That is the song itself.</source>
        <translation>Das ist der Song selbst.</translation>
    </message>
    <message>
        <source>There is one of this name. Writes %1</source>
        <translation>Den Namen gibt es schon. Schreibt %1</translation>
    </message>
    <message>
        <source>Writes %1</source>
        <translation>Schreibt %1</translation>
    </message>
    <message>
        <source>Folder for the files</source>
        <translation>Ordner für die Dateien</translation>
    </message>
</context>
<context>
    <name>GridExport</name>
    <message>
        <source>noisy state x_t</source>
        <translation>verrauschter Zustand x_t</translation>
    </message>
    <message>
        <source>residual |y - H(x)|</source>
        <translation>Residuum |y - H(x)|</translation>
    </message>
    <message>
        <source>mean of the samples</source>
        <translation>Mittel der Stichproben</translation>
    </message>
    <message>
        <source>standard deviation of the samples</source>
        <translation>Standardabweichung der Stichproben</translation>
    </message>
    <message>
        <source>error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>no picture</source>
        <translation>kein Bild</translation>
    </message>
    <message>
        <source>not finished</source>
        <translation>nicht fertig</translation>
    </message>
</context>
<context>
    <name>Help</name>
    <message>
        <source>Fill a part of a photo</source>
        <translation>Einen Teil eines Fotos ausfüllen</translation>
    </message>
    <message>
        <source>Open a photo (%1), or drop it on the window.</source>
        <translation>Ein Foto öffnen (%1) oder auf das Fenster ziehen.</translation>
    </message>
    <message>
        <source>Paint over what should go: brush %1, lasso %2, rectangle %3. Space pans.</source>
        <translation>Übermalen, was weg soll: Pinsel %1, Lasso %2, Rechteck %3. Die Leertaste verschiebt.</translation>
    </message>
    <message>
        <source>Run (%1), and watch. Stop and keep (%2) is possible at any time.</source>
        <translation>Starten (%1) und zusehen. Anhalten und behalten (%2) geht jederzeit.</translation>
    </message>
    <message>
        <source>Put the result into the photo (%1) as a layer; save with %2.</source>
        <translation>Das Ergebnis als Ebene ins Foto übernehmen (%1); speichern mit %2.</translation>
    </message>
    <message>
        <source>Repair a damaged photo</source>
        <translation>Ein beschädigtes Foto reparieren</translation>
    </message>
    <message>
        <source>Choose &quot;My photo is damaged&quot;, then what is wrong with it.</source>
        <translation>„Mein Foto ist beschädigt“ wählen, dann, was ihm fehlt.</translation>
    </message>
    <message>
        <source>Run. Before and after: %1 with a slider, %2 side by side.</source>
        <translation>Starten. Vorher und nachher: %1 mit Schieber, %2 nebeneinander.</translation>
    </message>
    <message>
        <source>Take a song apart</source>
        <translation>Einen Song zerlegen</translation>
    </message>
    <message>
        <source>Go to the songs (%1), open one, and mark a part by dragging over it.</source>
        <translation>Zur Musik wechseln (%1), einen Song öffnen und durch Ziehen einen Teil markieren.</translation>
    </message>
    <message>
        <source>Run; mute and solo the stems while they form, then export them (%1).</source>
        <translation>Starten; die Stimmen schon beim Entstehen stummschalten oder einzeln hören, dann exportieren (%1).</translation>
    </message>
    <message>
        <source>All keys can be seen and changed in the menu, under &quot;Keyboard shortcuts…&quot;. The panels at the sides fold away with %1 and %2.</source>
        <translation>Alle Tasten stehen im Menü unter „Tastenkürzel…“ und lassen sich dort ändern. Die Leisten an den Seiten klappen mit %1 und %2 weg.</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
    <message>
        <source>Restores photos and takes songs apart with samples of a diffusion model, on this computer alone.</source>
        <translation>Stellt Fotos wieder her und zerlegt Songs, mit Stichproben eines Diffusionsmodells und nur auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>Lizenzen</translation>
    </message>
    <message>
        <source>The program: %1</source>
        <translation>Das Programm: %1</translation>
    </message>
    <message>
        <source>The shipped models: %1. The window of the models names the material that each was trained on.</source>
        <translation>Die mitgelieferten Modelle: %1. Das Fenster der Modelle nennt, womit jedes trainiert wurde.</translation>
    </message>
    <message>
        <source>The sample photo and the sample song: %1</source>
        <translation>Beispielfoto und Beispielsong: %1</translation>
    </message>
    <message>
        <source>It stands on</source>
        <translation>Es baut auf</translation>
    </message>
    <message>
        <source>About MGDM Studio</source>
        <translation>Über MGDM Studio</translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>This result could not be kept in the history: %1</source>
        <translation>Dieses Ergebnis konnte nicht im Verlauf gespeichert werden: %1</translation>
    </message>
    <message>
        <source>What was deleted is not there any more: %1</source>
        <translation>Was gelöscht wurde, ist nicht mehr da: %1</translation>
    </message>
</context>
<context>
    <name>HistoryPanel</name>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>No favourite</source>
        <translation>Kein Favorit</translation>
    </message>
    <message>
        <source>Favourite</source>
        <translation>Favorit</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>From the clipboard</source>
        <translation>Aus der Zwischenablage</translation>
    </message>
    <message>
        <source>Finished runs appear here and stay after a restart.</source>
        <translation>Fertige Läufe erscheinen hier und bleiben nach einem Neustart.</translation>
    </message>
    <message>
        <source>%1, own settings</source>
        <translation>%1, eigene Einstellungen</translation>
    </message>
    <message>
        <source>noise %1</source>
        <translation>Rauschen %1</translation>
    </message>
    <message numerus="yes">
        <source>%n result(s)</source>
        <translation>
            <numerusform>%n Ergebnis</numerusform>
            <numerusform>%n Ergebnisse</numerusform>
        </translation>
    </message>
    <message>
        <source>stopped after %1&#xa0;s</source>
        <translation>nach %1&#xa0;s angehalten</translation>
    </message>
    <message>
        <source>%1&#xa0;s</source>
        <translation>%1&#xa0;s</translation>
    </message>
    <message>
        <source>PSNR %1&#xa0;dB, SSIM %2</source>
        <translation>PSNR %1&#xa0;dB, SSIM %2</translation>
    </message>
    <message>
        <source>residual %1&#xa0;σ</source>
        <translation>Residuum %1&#xa0;σ</translation>
    </message>
    <message>
        <source>Compare with this</source>
        <translation>Hiermit vergleichen</translation>
    </message>
    <message>
        <source>The result on screen is held against it.</source>
        <translation>Das gezeigte Ergebnis wird daran gemessen.</translation>
    </message>
</context>
<context>
    <name>ImportPanel</name>
    <message>
        <source>Import</source>
        <translation>Importieren</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Import a checkpoint…</source>
        <translation>Checkpoint importieren…</translation>
    </message>
    <message>
        <source>Copy it, at half the size (float16)</source>
        <translation>Kopieren, halb so groß (float16)</translation>
    </message>
    <message>
        <source>Puts the weights that are used into your model folder. Otherwise the file stays where it is and must not be moved.</source>
        <translation>Legt die Gewichte, die gebraucht werden, in Ihren Modellordner. Sonst bleibt die Datei, wo sie ist, und darf nicht verschoben werden.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>%1 is imported and can be used.</source>
        <translation>%1 ist importiert und kann benutzt werden.</translation>
    </message>
    <message>
        <source>%1 does not tell %2</source>
        <translation>%1 sagt nicht, %2</translation>
    </message>
    <message>
        <source>%1 was not imported.</source>
        <translation>%1 wurde nicht importiert.</translation>
    </message>
    <message>
        <source>%1 is as its card says, and computes.</source>
        <translation>%1 ist, wie seine Karte sagt, und rechnet.</translation>
    </message>
    <message>
        <source>Import a checkpoint</source>
        <translation>Checkpoint importieren</translation>
    </message>
    <message>
        <source>Checkpoints (*.pt *.pth *.ckpt *.bin *.safetensors *.ts)</source>
        <translation>Checkpoints (*.pt *.pth *.ckpt *.bin *.safetensors *.ts)</translation>
    </message>
    <message>
        <source>Importing %1</source>
        <translation>%1 wird importiert</translation>
    </message>
    <message>
        <source>This file is a program</source>
        <translation>Diese Datei ist ein Programm</translation>
    </message>
    <message>
        <source>%1 is a TorchScript module. It is not only weights but a program, which would run on this computer with all your rights, now and whenever the model is used.</source>
        <translation>%1 ist ein TorchScript-Modul. Es enthält nicht nur Gewichte, sondern ein Programm, das auf diesem Rechner mit allen Ihren Rechten liefe, jetzt und bei jedem Gebrauch des Modells.</translation>
    </message>
    <message>
        <source>Import it only if you trust where it came from.</source>
        <translation>Importieren Sie es nur, wenn Sie seiner Herkunft vertrauen.</translation>
    </message>
    <message>
        <source>I trust it, import</source>
        <translation>Ich vertraue ihm, importieren</translation>
    </message>
    <message>
        <source>Checking %1</source>
        <translation>%1 wird geprüft</translation>
    </message>
    <message>
        <source>%1 is fetched; %2.</source>
        <translation>%1 ist geholt; %2.</translation>
    </message>
    <message>
        <source>%1 cannot be fetched by a program: %2 (%3)</source>
        <translation>%1 kann kein Programm holen: %2 (%3)</translation>
    </message>
    <message>
        <source>%1 are fetched.</source>
        <translation>%1 werden geholt.</translation>
    </message>
    <message>
        <source>%1 are free.</source>
        <translation>%1 sind frei.</translation>
    </message>
    <message>
        <source>Fetch %1?</source>
        <translation>%1 holen?</translation>
    </message>
    <message>
        <source>Published by %1 under the licence %2: %3</source>
        <translation>Veröffentlicht von %1 unter der Lizenz %2: %3</translation>
    </message>
    <message>
        <source>I accept the licence, fetch it</source>
        <translation>Ich nehme die Lizenz an, holen</translation>
    </message>
    <message>
        <source>Fetching %1</source>
        <translation>%1 wird geholt</translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Outer noise level, of all (n).</source>
        <translation>Äußere Rauschstufe, von allen (n).</translation>
    </message>
    <message>
        <source>Repetition</source>
        <translation>Wiederholung</translation>
    </message>
    <message>
        <source>Gibbs repetition within the step (R).</source>
        <translation>Gibbs-Wiederholung innerhalb des Schritts (R).</translation>
    </message>
    <message>
        <source>Noise level t</source>
        <translation>Rauschstufe t</translation>
    </message>
    <message>
        <source>Time index of x_t, 999 = pure noise.</source>
        <translation>Zeitindex von x_t, 999 = reines Rauschen.</translation>
    </message>
    <message>
        <source>Earlier time τ</source>
        <translation>Frühere Zeit τ</translation>
    </message>
    <message>
        <source>The time drawn at random at which the likelihood is met (Gibbs: x_tau given x_0 and x_t).</source>
        <translation>Die zufällig gezogene Zeit, zu der die Likelihood eingeht (Gibbs: x_tau gegeben x_0 und x_t).</translation>
    </message>
    <message>
        <source>Residual</source>
        <translation>Residuum</translation>
    </message>
    <message>
        <source>Root mean square of (y - H(x_0)) / sigma_y.</source>
        <translation>Quadratisches Mittel von (y - H(x_0)) / sigma_y.</translation>
    </message>
    <message>
        <source>Variational step</source>
        <translation>Variationsschritt</translation>
    </message>
    <message>
        <source>How far the variational update moved x_tau, in standard deviations of its prior bridge.</source>
        <translation>Wie weit der Variationsschritt x_tau bewegt hat, in Standardabweichungen seiner Brücke.</translation>
    </message>
    <message>
        <source>Evaluations</source>
        <translation>Auswertungen</translation>
    </message>
    <message>
        <source>Network passes so far, forward and backward.</source>
        <translation>Netzdurchläufe bisher, vorwärts und rückwärts.</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Seconds since the run began.</source>
        <translation>Sekunden seit Beginn des Laufs.</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1 σ</source>
        <translation>%1 σ</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>Show every</source>
        <translation>Zeige jede</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>Show every N-th iterate; 0 shows none.</source>
        <translation>Jede N-te Iterierte zeigen; 0 zeigt keine.</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>What the result looks like by now: the clean estimate x₀.</source>
        <translation>Wie das Ergebnis bis jetzt aussieht: die saubere Schätzung x₀.</translation>
    </message>
    <message>
        <source>With noise</source>
        <translation>Rauschen</translation>
    </message>
    <message>
        <source>The current state xₜ of the chain, noise included.</source>
        <translation>Der jetzige Zustand xₜ der Kette, samt Rauschen.</translation>
    </message>
    <message>
        <source>Misfit</source>
        <translation>Abweichung</translation>
    </message>
    <message>
        <source>Where the result does not yet explain the photo: |y - H(x₀)| in units of its noise.</source>
        <translation>Wo das Ergebnis das Foto noch nicht erklärt: |y - H(x₀)| in Einheiten seines Rauschens.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Curve and numbers of the method</source>
        <translation>Kurve und Zahlen des Verfahrens</translation>
    </message>
</context>
<context>
    <name>JobController</name>
    <message>
        <source>%1; trying again in float32.</source>
        <translation>%1; noch einmal in float32.</translation>
    </message>
    <message numerus="yes">
        <source>Out of memory: going on with %n sample(s).</source>
        <translation>
            <numerusform>Zu wenig Speicher: weiter mit %n Ergebnis.</numerusform>
            <numerusform>Zu wenig Speicher: weiter mit %n Ergebnissen.</numerusform>
        </translation>
    </message>
    <message>
        <source>The graphics card cannot do it (%1); going on with the processor.</source>
        <translation>Die Grafikkarte schafft es nicht (%1); weiter mit dem Prozessor.</translation>
    </message>
</context>
<context>
    <name>KernelCanvas</name>
    <message>
        <source>Blur kernel</source>
        <translation>Unschärfekern</translation>
    </message>
    <message>
        <source>Draw the path of the shaken camera here.</source>
        <translation>Hier den Weg der verwackelten Kamera zeichnen.</translation>
    </message>
    <message>
        <source>Draw the motion here</source>
        <translation>Bewegung hier zeichnen</translation>
    </message>
</context>
<context>
    <name>KernelEditor</name>
    <message>
        <source>none: a straight line</source>
        <translation>keiner: gerade Linie</translation>
    </message>
    <message>
        <source>Load...</source>
        <translation>Laden ...</translation>
    </message>
    <message>
        <source>A picture of the kernel: the brighter, the stronger.</source>
        <translation>Ein Bild des Kerns: je heller, desto stärker.</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Back to the straight line.</source>
        <translation>Zurück zur geraden Linie.</translation>
    </message>
    <message>
        <source>Load a blur kernel</source>
        <translation>Unschärfekern laden</translation>
    </message>
    <message>
        <source>Pictures (*.png *.tif *.tiff *.jpg *.jpeg *.bmp *.webp)</source>
        <translation>Bilder (*.png *.tif *.tiff *.jpg *.jpeg *.bmp *.webp)</translation>
    </message>
</context>
<context>
    <name>Lane</name>
    <message>
        <source>The samples differ by %1 % here: dark is sure, bright is a guess.</source>
        <translation>Die Stichproben unterscheiden sich hier um %1 %: dunkel ist sicher, hell ist geraten.</translation>
    </message>
</context>
<context>
    <name>LargeBar</name>
    <message>
        <source>Alone</source>
        <translation>Allein</translation>
    </message>
    <message>
        <source>One cell</source>
        <translation>Eine Zelle</translation>
    </message>
    <message>
        <source>Slider</source>
        <translation>Schieber</translation>
    </message>
    <message>
        <source>Two cells with a slider between them</source>
        <translation>Zwei Zellen mit einem Schieber dazwischen</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Nebeneinander</translation>
    </message>
    <message>
        <source>Two cells side by side</source>
        <translation>Zwei Zellen nebeneinander</translation>
    </message>
    <message>
        <source>Flip</source>
        <translation>Abwechselnd</translation>
    </message>
    <message>
        <source>Two cells by turns, at a steady pace (F)</source>
        <translation>Zwei Zellen abwechselnd, in gleichmäßigem Takt (F)</translation>
    </message>
    <message>
        <source>with</source>
        <translation>mit</translation>
    </message>
    <message>
        <source>The other cell (B)</source>
        <translation>Die andere Zelle (B)</translation>
    </message>
    <message>
        <source>The other cell (B); in the grid B or Ctrl + click marks it.</source>
        <translation>Die andere Zelle (B); im Raster merkt sie B oder Strg + Klick vor.</translation>
    </message>
    <message>
        <source>Pace</source>
        <translation>Takt</translation>
    </message>
    <message>
        <source>Milliseconds between two flips</source>
        <translation>Millisekunden zwischen zwei Wechseln</translation>
    </message>
    <message>
        <source> ms</source>
        <translation>&#xa0;ms</translation>
    </message>
    <message>
        <source>the reference</source>
        <translation>die Referenz</translation>
    </message>
</context>
<context>
    <name>LargeView</name>
    <message>
        <source>One cell large, or two held against each other</source>
        <translation>Eine Zelle groß, oder zwei aneinander gemessen</translation>
    </message>
    <message>
        <source>Reference</source>
        <translation>Referenz</translation>
    </message>
    <message>
        <source>What was given</source>
        <translation>Was gegeben war</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>the reference of a cell</comment>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1: %2 against %3</source>
        <translation>%1: %2 gegen %3</translation>
    </message>
    <message>
        <source>%1: %2 against the reference</source>
        <translation>%1: %2 gegen die Referenz</translation>
    </message>
    <message>
        <source>%1   %2</source>
        <comment>a cell and its figure</comment>
        <translation>%1   %2</translation>
    </message>
    <message>
        <source>%1   %2</source>
        <comment>A or B, and its name</comment>
        <translation>%1   %2</translation>
    </message>
    <message>
        <source>A</source>
        <translation>A</translation>
    </message>
    <message>
        <source>B</source>
        <translation>B</translation>
    </message>
    <message>
        <source>No cell</source>
        <translation>Keine Zelle</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>…</source>
        <translation>…</translation>
    </message>
    <message>
        <source>There is no reference to hold it against</source>
        <translation>Es gibt keine Referenz, an der sie gemessen werden könnte</translation>
    </message>
    <message>
        <source>They are of different sizes: %1 × %2 and %3 × %4 pixels</source>
        <translation>Sie sind verschieden groß: %1 × %2 und %3 × %4 Pixel</translation>
    </message>
    <message>
        <source>No cell is chosen</source>
        <translation>Keine Zelle ist gewählt</translation>
    </message>
</context>
<context>
    <name>LayersPanel</name>
    <message>
        <source>Layers</source>
        <translation>Ebenen</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>Deckkraft</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>Höher</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Tiefer</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Results that you put into the photo are layers: hide, fade or remove them at any time. What is below stays as it was.</source>
        <translation>Ergebnisse, die Sie ins Foto übernehmen, sind Ebenen: jederzeit ausblenden, abschwächen oder entfernen. Was darunter liegt, bleibt, wie es war.</translation>
    </message>
</context>
<context>
    <name>Legend</name>
    <message>
        <source>and %1 more</source>
        <translation>und %1 weitere</translation>
    </message>
</context>
<context>
    <name>LegendBar</name>
    <message>
        <source>Residual |y − H(x)|</source>
        <translation>Residuum |y − H(x)|</translation>
    </message>
    <message>
        <source>σ of the noise</source>
        <translation>σ des Rauschens</translation>
    </message>
    <message>
        <source>Colour scale: %1, %2 to %3 %4</source>
        <translation>Farbskala: %1, %2 bis %3 %4</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
</context>
<context>
    <name>LoopRow</name>
    <message>
        <source>Loop</source>
        <translation>Loop</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
    <message>
        <source>Silence between two passes</source>
        <translation>Stille zwischen zwei Durchgängen</translation>
    </message>
    <message>
        <source>Gap</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Loops that are kept with the song</source>
        <translation>Loops, die beim Song aufgehoben sind</translation>
    </message>
    <message>
        <source>Keep the marked part with the song (K)</source>
        <translation>Den markierten Teil beim Song aufheben (K)</translation>
    </message>
    <message>
        <source>Rename or delete the loop</source>
        <translation>Den Loop umbenennen oder löschen</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Umbenennen…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Where the loop begins ([: at the playhead)</source>
        <translation>Wo der Loop beginnt ([: am Abspielkopf)</translation>
    </message>
    <message>
        <source>Where the loop ends (]: at the playhead)</source>
        <translation>Wo der Loop endet (]: am Abspielkopf)</translation>
    </message>
    <message>
        <source>Snap</source>
        <translation>Raster</translation>
    </message>
    <message>
        <source>Begin and end go to the nearest beat</source>
        <translation>Anfang und Ende gehen zum nächsten Schlag</translation>
    </message>
    <message>
        <source>Rename the loop</source>
        <translation>Loop umbenennen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>No loop kept</source>
        <translation>Kein Loop</translation>
    </message>
    <message>
        <source>None chosen</source>
        <translation>Keiner gewählt</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>[*]MGDM Studio</source>
        <translation>[*]MGDM Studio</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>Öffnen…</translation>
    </message>
    <message>
        <source>Keyboard shortcuts…</source>
        <translation>Tastenkürzel…</translation>
    </message>
    <message>
        <source>Recent files</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>Modelle…</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
    <message>
        <source>About MGDM Studio</source>
        <translation>Über MGDM Studio</translation>
    </message>
    <message>
        <source>Panel at the left</source>
        <translation>Leiste links</translation>
    </message>
    <message>
        <source>Panel at the right</source>
        <translation>Leiste rechts</translation>
    </message>
</context>
<context>
    <name>MaskLook</name>
    <message>
        <source>Colour of the mask</source>
        <translation>Farbe der Maske</translation>
    </message>
    <message>
        <source>Stands out from the photo</source>
        <translation>Hebt sich vom Foto ab</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Message</source>
        <translation>Meldung</translation>
    </message>
    <message>
        <source>Close the message</source>
        <translation>Meldung schließen</translation>
    </message>
</context>
<context>
    <name>ModelCardView</name>
    <message>
        <source>autoencoder</source>
        <translation>Autoencoder</translation>
    </message>
    <message>
        <source>music</source>
        <translation>Musik</translation>
    </message>
    <message>
        <source>photos, latent</source>
        <translation>Fotos, latent</translation>
    </message>
    <message>
        <source>photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>Dieses Modell nehmen</translation>
    </message>
    <message>
        <source>Check the file</source>
        <translation>Datei prüfen</translation>
    </message>
    <message>
        <source>Compares the file with the hash in its card, and lets the network compute once.</source>
        <translation>Vergleicht die Datei mit der Prüfsumme in ihrer Karte und lässt das Netz einmal rechnen.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Only imported models can be removed.</source>
        <translation>Nur importierte Modelle können entfernt werden.</translation>
    </message>
    <message>
        <source>No model is installed.</source>
        <translation>Kein Modell ist installiert.</translation>
    </message>
    <message>
        <source>For</source>
        <translation>Für</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>, %1 million parameters</source>
        <translation>, %1 Millionen Parameter</translation>
    </message>
    <message>
        <source>Trained on</source>
        <translation>Gelernt mit</translation>
    </message>
    <message>
        <source>%1 s of sound</source>
        <translation>%1 s Klang</translation>
    </message>
    <message>
        <source>%1 pixels a side</source>
        <translation>%1 Pixeln Seitenlänge</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>%1 (missing)</source>
        <translation>%1 (fehlt)</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>Imported</source>
        <translation>Importiert</translation>
    </message>
    <message>
        <source>Not used</source>
        <translation>Nicht benutzt</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
</context>
<context>
    <name>ModelChoice</name>
    <message>
        <source>Get and manage models…</source>
        <translation>Modelle holen und verwalten…</translation>
    </message>
    <message>
        <source>made for %1 px</source>
        <translation>für %1 px gemacht</translation>
    </message>
    <message>
        <source>any size</source>
        <translation>jede Größe</translation>
    </message>
</context>
<context>
    <name>ModelsDialog</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Installed models</source>
        <translation>Installierte Modelle</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Installed</source>
        <translation>Installiert</translation>
    </message>
    <message>
        <source>Published models</source>
        <translation>Veröffentlichte Modelle</translation>
    </message>
    <message>
        <source>Remove the model</source>
        <translation>Modell entfernen</translation>
    </message>
    <message>
        <source>Remove %1?</source>
        <translation>%1 entfernen?</translation>
    </message>
    <message>
        <source>Its weights in your model folder are deleted, too.</source>
        <translation>Auch seine Gewichte in Ihrem Modellordner werden gelöscht.</translation>
    </message>
    <message>
        <source>The downloaded file stays where it is.</source>
        <translation>Die heruntergeladene Datei bleibt, wo sie ist.</translation>
    </message>
    <message>
        <source>%1 is removed.</source>
        <translation>%1 ist entfernt.</translation>
    </message>
</context>
<context>
    <name>NumberBox</name>
    <message>
        <source>“%1” is not taken: a number from %2 to %3 is needed.</source>
        <translation>„%1“ geht nicht: Es muss eine Zahl von %2 bis %3 sein.</translation>
    </message>
</context>
<context>
    <name>ObjectSelection</name>
    <message>
        <source>selecting an object</source>
        <translation>Objekt auswählen</translation>
    </message>
</context>
<context>
    <name>OpenFiles</name>
    <message>
        <source>Previous photo</source>
        <translation>Voriges Foto</translation>
    </message>
    <message>
        <source>Next photo</source>
        <translation>Nächstes Foto</translation>
    </message>
    <message>
        <source>Photo %1 of %2: %3</source>
        <translation>Foto %1 von %2: %3</translation>
    </message>
    <message>
        <source>Models (%1)</source>
        <translation>Modelle (%1)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>noch keine</translation>
    </message>
    <message>
        <source>Run all into a folder…</source>
        <translation>Alle in einen Ordner rechnen…</translation>
    </message>
    <message>
        <source>Does to every photo of the queue what is chosen on the left, and writes a list of what happened.</source>
        <translation>Macht mit jedem Foto der Reihe, was links gewählt ist, und schreibt eine Liste dessen, was geschah.</translation>
    </message>
</context>
<context>
    <name>Overview</name>
    <message>
        <source>Overview</source>
        <translation>Überblick</translation>
    </message>
    <message>
        <source>All of the song: drag to move what the lanes show; a double click shows all</source>
        <translation>Der ganze Song: Ziehen verschiebt, was die Spuren zeigen; ein Doppelklick zeigt alles</translation>
    </message>
</context>
<context>
    <name>OwnPresets</name>
    <message>
        <source>%1 cannot be written: %2</source>
        <translation>%1 kann nicht geschrieben werden: %2</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>%1 kann nicht gelesen werden: %2</translation>
    </message>
    <message>
        <source>%1 is not a preset.</source>
        <translation>%1 ist keine Voreinstellung.</translation>
    </message>
    <message>
        <source>%1 does not fit this version: %2</source>
        <translation>%1 passt nicht zu dieser Version: %2</translation>
    </message>
</context>
<context>
    <name>Pace</name>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 h</translation>
    </message>
</context>
<context>
    <name>Panel</name>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>The same seed and settings give the same result.</source>
        <translation>Gleicher Startwert und gleiche Einstellungen geben das gleiche Ergebnis.</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Another seed at random</source>
        <translation>Ein anderer, zufälliger Startwert</translation>
    </message>
</context>
<context>
    <name>PhotoFiles</name>
    <message>
        <source>MGDM Studio</source>
        <translation>MGDM Studio</translation>
    </message>
    <message>
        <source>restored</source>
        <translation>restauriert</translation>
    </message>
    <message>
        <source>_restored</source>
        <translation>_restauriert</translation>
    </message>
    <message>
        <source>Save the photo</source>
        <translation>Foto speichern</translation>
    </message>
    <message>
        <source>Pictures (*.png *.jpg *.tif *.webp)</source>
        <translation>Bilder (*.png *.jpg *.tif *.webp)</translation>
    </message>
    <message>
        <source>Saving %1…</source>
        <translation>Speichert %1…</translation>
    </message>
    <message>
        <source>Saved to %1.</source>
        <translation>Gespeichert als %1.</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2</source>
        <translation>%1 kann nicht geschrieben werden: %2</translation>
    </message>
    <message>
        <source>Saved to %1; &quot;mgdm restore --replay&quot; does exactly that again.</source>
        <translation>Gespeichert als %1; „mgdm restore --replay“ macht genau das noch einmal.</translation>
    </message>
    <message>
        <source>The mask was %1 × %2 and has been stretched to the photo.</source>
        <translation>Die Maske war %1 × %2 und wurde auf das Foto gestreckt.</translation>
    </message>
    <message>
        <source>importing a mask</source>
        <translation>Importieren einer Maske</translation>
    </message>
    <message>
        <source>Save the results first?</source>
        <translation>Die Ergebnisse vorher speichern?</translation>
    </message>
    <message>
        <source>The photo holds results that were not saved. The samples themselves stay in the history.</source>
        <translation>Im Foto sind Ergebnisse, die nicht gespeichert wurden. Die Ergebnisse selbst bleiben im Verlauf.</translation>
    </message>
    <message>
        <source>%1: %2.</source>
        <translation>%1: %2.</translation>
    </message>
    <message>
        <source>the transparent part as mask</source>
        <translation>den durchsichtigen Teil als Maske</translation>
    </message>
    <message>
        <source>Save to another place</source>
        <translation>An anderer Stelle sichern</translation>
    </message>
</context>
<context>
    <name>PhotoPage</name>
    <message>
        <source>Paste</source>
        <translation>Einfügen</translation>
    </message>
    <message>
        <source>Save the photo…</source>
        <translation>Foto speichern…</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Import a mask…</source>
        <translation>Maske importieren…</translation>
    </message>
    <message>
        <source>Import a mask</source>
        <translation>Maske importieren</translation>
    </message>
    <message>
        <source>Export the mask…</source>
        <translation>Maske exportieren…</translation>
    </message>
    <message>
        <source>Export the mask</source>
        <translation>Maske exportieren</translation>
    </message>
    <message>
        <source>Pictures (*.png)</source>
        <translation>Bilder (*.png)</translation>
    </message>
    <message>
        <source>Export as run file…</source>
        <translation>Als Laufdatei exportieren…</translation>
    </message>
    <message>
        <source>Export as run file</source>
        <translation>Als Laufdatei exportieren</translation>
    </message>
    <message>
        <source>Run files (*.json)</source>
        <translation>Laufdateien (*.json)</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>Pinsel</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>Radierer</translation>
    </message>
    <message>
        <source>Rectangle (Alt erases)</source>
        <translation>Rechteck (Alt radiert)</translation>
    </message>
    <message>
        <source>Lasso (Alt erases)</source>
        <translation>Lasso (Alt radiert)</translation>
    </message>
    <message>
        <source>Fill an enclosed region</source>
        <translation>Umschlossenes Gebiet füllen</translation>
    </message>
    <message>
        <source>Working area: the part that the model sees</source>
        <translation>Arbeitsbereich: der Teil, den das Modell sieht</translation>
    </message>
    <message>
        <source>Invert the mask</source>
        <translation>Maske umkehren</translation>
    </message>
    <message>
        <source>inverting the mask</source>
        <translation>Umkehren der Maske</translation>
    </message>
    <message>
        <source>Clear the mask</source>
        <translation>Maske leeren</translation>
    </message>
    <message>
        <source>clearing the mask</source>
        <translation>Leeren der Maske</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>Pinsel kleiner</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>Pinsel größer</translation>
    </message>
    <message>
        <source>Much smaller brush</source>
        <translation>Pinsel viel kleiner</translation>
    </message>
    <message>
        <source>Much larger brush</source>
        <translation>Pinsel viel größer</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <source>Brush size</source>
        <translation>Pinselgröße</translation>
    </message>
    <message>
        <source>Brush size in photo pixels ([ and ], Shift for steps of 10, Ctrl + wheel)</source>
        <translation>Pinselgröße in Fotopixeln ([ und ], mit Umschalt in Zehnerschritten, Strg + Mausrad)</translation>
    </message>
    <message>
        <source> % hard</source>
        <translation> % hart</translation>
    </message>
    <message>
        <source>Brush hardness</source>
        <translation>Pinselhärte</translation>
    </message>
    <message>
        <source>100 %: a sharp edge; less: paint fades towards the edge, and the result is blended in there</source>
        <translation>100 %: scharfer Rand; weniger: die Farbe läuft zum Rand hin aus, und das Ergebnis wird dort eingeblendet</translation>
    </message>
    <message>
        <source>Zoom to 100 %</source>
        <translation>Auf 100 % zoomen</translation>
    </message>
    <message>
        <source>Fit into the window</source>
        <translation>Ins Fenster einpassen</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Before and after, with a slider</source>
        <translation>Vorher und nachher, mit Schieber</translation>
    </message>
    <message>
        <source>Before and after, side by side</source>
        <translation>Vorher und nachher, nebeneinander</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>Anhalten, behalten</translation>
    </message>
    <message>
        <source>Favourite</source>
        <translation>Favorit</translation>
    </message>
    <message>
        <source>Previous iterate</source>
        <translation>Vorige Iterierte</translation>
    </message>
    <message>
        <source>Next iterate</source>
        <translation>Nächste Iterierte</translation>
    </message>
    <message>
        <source>Branch from the shown iterate</source>
        <translation>Von der gezeigten Iterierten abzweigen</translation>
    </message>
    <message>
        <source>Ends the run now and keeps what there is (Esc).</source>
        <translation>Beendet den Lauf jetzt und behält, was da ist (Esc).</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>Zusehen</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Ebenen</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Loading the model %1…</source>
        <translation>Das Modell %1 wird geladen…</translation>
    </message>
    <message>
        <source>The last session could be reopened only in part.</source>
        <translation>Die letzte Sitzung konnte nur zum Teil wieder geöffnet werden.</translation>
    </message>
    <message>
        <source>Photos (%1)</source>
        <translation>Fotos (%1)</translation>
    </message>
    <message>
        <source>Open a photo to begin.</source>
        <translation>Zum Beginnen ein Foto öffnen.</translation>
    </message>
    <message>
        <source>Pasted picture</source>
        <translation>Eingefügtes Bild</translation>
    </message>
    <message>
        <source>%1[*] - MGDM Studio</source>
        <translation>%1[*] - MGDM Studio</translation>
    </message>
    <message>
        <source>The program ended during a run, at step %1 of %2.</source>
        <translation>Das Programm endete mitten in einem Lauf, bei Schritt %1 von %2.</translation>
    </message>
    <message>
        <source>Go on from there</source>
        <translation>Von dort weitermachen</translation>
    </message>
    <message>
        <source>sample mask</source>
        <translation>Beispielmaske</translation>
    </message>
    <message>
        <source>%1 × %2 pixels</source>
        <translation>%1 × %2 Pixel</translation>
    </message>
    <message>
        <source>, 16 bit</source>
        <translation>, 16 Bit</translation>
    </message>
    <message>
        <source>, with transparency</source>
        <translation>, mit Transparenz</translation>
    </message>
    <message>
        <source>, with a colour profile</source>
        <translation>, mit Farbprofil</translation>
    </message>
    <message>
        <source>. Paint what should be filled, then press Run.</source>
        <translation>. Malen, was ausgefüllt werden soll, dann starten.</translation>
    </message>
    <message>
        <source>. Press Run to begin.</source>
        <translation>. „Starten“ beginnt.</translation>
    </message>
    <message>
        <source>Nothing is painted inside the working area: paint there, or move the area to the paint.</source>
        <translation>Im Arbeitsbereich ist nichts bemalt: dort malen oder den Bereich zur Bemalung schieben.</translation>
    </message>
    <message>
        <source>Going on with the new mask…</source>
        <translation>Weiter mit der neuen Maske…</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Beginnt…</translation>
    </message>
    <message>
        <source>Branching at step %1…</source>
        <translation>Abzweigung bei Schritt %1…</translation>
    </message>
    <message>
        <source>Going on with the interrupted run…</source>
        <translation>Der unterbrochene Lauf geht weiter…</translation>
    </message>
    <message>
        <source>%1 σ or more</source>
        <translation>%1 σ oder mehr</translation>
    </message>
    <message>
        <source>Run discarded.</source>
        <translation>Lauf verworfen.</translation>
    </message>
    <message>
        <source>Stopped after %1 s; the latest estimate is kept</source>
        <translation>Nach %1 s angehalten; die letzte Schätzung bleibt</translation>
    </message>
    <message>
        <source>Done in %1 s</source>
        <translation>Fertig in %1 s</translation>
    </message>
    <message>
        <source>, PSNR %1 dB, SSIM %2</source>
        <translation>, PSNR %1 dB, SSIM %2</translation>
    </message>
    <message>
        <source>%1, seed %2</source>
        <translation>%1, Startwert %2</translation>
    </message>
    <message>
        <source>The photo of that run is not there any more: %1</source>
        <translation>Das Foto dieses Laufs ist nicht mehr da: %1</translation>
    </message>
    <message>
        <source>it came from the clipboard</source>
        <translation>es kam aus der Zwischenablage</translation>
    </message>
    <message>
        <source>From the history: %1</source>
        <translation>Aus dem Verlauf: %1</translation>
    </message>
    <message>
        <source>The last action failed.</source>
        <translation>Die letzte Aktion ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>Go on with the new mask</source>
        <translation>Mit neuer Maske weiter</translation>
    </message>
    <message>
        <source>Paint the part to fill first.</source>
        <translation>Erst den Teil malen, der ausgefüllt werden soll.</translation>
    </message>
    <message>
        <source>Continues from the present noise level with the mask as painted now.</source>
        <translation>Macht von der gegenwärtigen Rauschstufe aus mit der jetzigen Maske weiter.</translation>
    </message>
    <message>
        <source>Run (Ctrl+Return)</source>
        <translation>Starten (Strg+Eingabe)</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird angehalten…</translation>
    </message>
    <message>
        <source>Put the result into the photo</source>
        <translation>Ergebnis ins Foto übernehmen</translation>
    </message>
    <message>
        <source>Open a photo, drop it here, or paste one.</source>
        <translation>Ein Foto öffnen, hierher ziehen oder einfügen.</translation>
    </message>
    <message>
        <source>Open a photo…</source>
        <translation>Foto öffnen…</translation>
    </message>
    <message>
        <source>Open the sample photo</source>
        <translation>Beispielfoto öffnen</translation>
    </message>
    <message numerus="yes">
        <source>Mean of %n result(s)</source>
        <translation>
            <numerusform>Mittel aus %n Ergebnis</numerusform>
            <numerusform>Mittel aus %n Ergebnissen</numerusform>
        </translation>
    </message>
    <message>
        <source>Result %1, %2</source>
        <translation>Ergebnis %1, %2</translation>
    </message>
    <message>
        <source>The result is in the photo as a layer. Save writes it; Undo takes it out again.</source>
        <translation>Das Ergebnis ist als Ebene im Foto. Speichern schreibt es; Rückgängig nimmt es wieder heraus.</translation>
    </message>
    <message>
        <source>Copy the photo</source>
        <translation>Foto kopieren</translation>
    </message>
    <message>
        <source>Pause, go on</source>
        <translation>Pause, weiter</translation>
    </message>
    <message numerus="yes">
        <source>%n photo(s) restored</source>
        <translation>
            <numerusform>%n Foto wiederhergestellt</numerusform>
            <numerusform>%n Fotos wiederhergestellt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, %n failed</source>
        <translation>
            <numerusform>, %n gescheitert</numerusform>
            <numerusform>, %n gescheitert</numerusform>
        </translation>
    </message>
    <message>
        <source>. What happened is in %1.</source>
        <translation>. Was geschah, steht in %1.</translation>
    </message>
    <message>
        <source>A run is still on. Begin with the queue?</source>
        <translation>Noch läuft eine Rechnung. Mit der Reihe beginnen?</translation>
    </message>
    <message>
        <source>Paint what should be filled first: the same part is filled in every photo of this size. Or choose a task that needs no mask.</source>
        <translation>Zuerst malen, was gefüllt werden soll: In jedem Foto dieser Größe wird derselbe Teil gefüllt. Oder eine Aufgabe wählen, die keine Maske braucht.</translation>
    </message>
    <message>
        <source>Folder for the results</source>
        <translation>Ordner für die Ergebnisse</translation>
    </message>
    <message>
        <source>The photo is %1 × %2, the mask %3 × %4.</source>
        <translation>Das Foto ist %1 × %2, die Maske %3 × %4.</translation>
    </message>
    <message>
        <source>the batch&apos;s mask</source>
        <translation>die Maske der Reihe</translation>
    </message>
    <message>
        <source>a mask from the history</source>
        <translation>eine Maske aus dem Verlauf</translation>
    </message>
    <message>
        <source>That run&apos;s settings could be put back only in part.</source>
        <translation>Die Einstellungen jener Rechnung konnten nur zum Teil wiederhergestellt werden.</translation>
    </message>
    <message>
        <source>Deleted from the history: %1.</source>
        <translation>Aus dem Verlauf gelöscht: %1.</translation>
    </message>
    <message>
        <source>Put it back</source>
        <translation>Zurückholen</translation>
    </message>
    <message>
        <source>A run is still on. Open another photo?</source>
        <translation>Noch läuft eine Rechnung. Ein anderes Foto öffnen?</translation>
    </message>
    <message>
        <source>A run is still on. Close the program?</source>
        <translation>Noch läuft eine Rechnung. Das Programm beenden?</translation>
    </message>
    <message>
        <source>Close, go on another time</source>
        <translation>Beenden, später weiter</translation>
    </message>
    <message>
        <source>It has only just begun.</source>
        <translation>Sie hat eben erst begonnen.</translation>
    </message>
    <message>
        <source>It is at step %1 of %2.</source>
        <translation>Sie ist bei Schritt %1 von %2.</translation>
    </message>
    <message>
        <source>What it has done is kept; it is offered when the program starts again.</source>
        <translation>Was sie getan hat, bleibt erhalten; beim nächsten Start wird es angeboten.</translation>
    </message>
    <message>
        <source>Discard the run</source>
        <translation>Rechnung verwerfen</translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Weiterrechnen</translation>
    </message>
    <message>
        <source>Paused.</source>
        <translation>Pause.</translation>
    </message>
    <message>
        <source>Going on…</source>
        <translation>Es geht weiter…</translation>
    </message>
    <message>
        <source>Opening %1…</source>
        <translation>%1 wird geöffnet…</translation>
    </message>
    <message>
        <source>%1 is damaged: the file ends before the picture does. What is missing is grey or smeared.</source>
        <translation>%1 ist beschädigt: Die Datei endet vor dem Bild. Was fehlt, ist grau oder verschmiert.</translation>
    </message>
    <message>
        <source>Step %1 of %2</source>
        <translation>Schritt %1 von %2</translation>
    </message>
    <message>
        <source>Photo %1 of %2: </source>
        <translation>Foto %1 von %2: </translation>
    </message>
    <message>
        <source>, paused</source>
        <translation>, Pause</translation>
    </message>
    <message>
        <source>Step %1 of %2, %3</source>
        <translation>Schritt %1 von %2, %3</translation>
    </message>
    <message>
        <source>The photo with its results is in the clipboard.</source>
        <translation>Das Foto mit seinen Ergebnissen ist in der Zwischenablage.</translation>
    </message>
    <message>
        <source>The open photo stays.</source>
        <translation>Das offene Foto bleibt.</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>This step is only kept in a smaller size. Branch from it to have it at the photo&apos;s own pixels.</source>
        <translation>Dieser Schritt ist nur verkleinert aufbewahrt. Zweigen Sie dort ab, um ihn in den Pixeln des Fotos zu haben.</translation>
    </message>
    <message>
        <source>Open a photo first.</source>
        <translation>Öffnen Sie zuerst ein Foto.</translation>
    </message>
    <message>
        <source>Select an object: click it or draw a rectangle round it; Shift or Alt and a stroke: belongs to it, or not</source>
        <translation>Ein Objekt auswählen: anklicken oder ein Rechteck darum ziehen; Umschalt oder Alt und ein Strich: gehört dazu, oder nicht</translation>
    </message>
    <message>
        <source>Grow the mask</source>
        <translation>Maske vergrößern</translation>
    </message>
    <message>
        <source>growing the mask</source>
        <translation>Maske vergrößern</translation>
    </message>
    <message>
        <source>Shrink the mask</source>
        <translation>Maske verkleinern</translation>
    </message>
    <message>
        <source>shrinking the mask</source>
        <translation>Maske verkleinern</translation>
    </message>
    <message>
        <source>Feather the mask</source>
        <translation>Maskenrand weichzeichnen</translation>
    </message>
    <message>
        <source>feathering the mask</source>
        <translation>Maskenrand weichzeichnen</translation>
    </message>
    <message>
        <source>Colour of the mask…</source>
        <translation>Farbe der Maske…</translation>
    </message>
    <message>
        <source>No object was found there: draw a rectangle round it.</source>
        <translation>Dort wurde kein Objekt gefunden: ziehen Sie ein Rechteck darum.</translation>
    </message>
    <message>
        <source>Pass %1 of %2: %3</source>
        <translation>Durchgang %1 von %2: %3</translation>
    </message>
    <message>
        <source>%1_enlarged</source>
        <translation>%1_vergrößert</translation>
    </message>
    <message>
        <source>photo</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>Compare settings…</source>
        <translation>Einstellungen vergleichen…</translation>
    </message>
    <message>
        <source>Before and after, taking turns</source>
        <translation>Vorher und nachher, abwechselnd</translation>
    </message>
    <message>
        <source>A third is done: mark the good results with the star (F) and go on with those. P goes on with all.</source>
        <translation>Ein Drittel ist getan: die guten Ergebnisse mit dem Stern (F) vormerken und mit ihnen weitermachen. P macht mit allen weiter.</translation>
    </message>
    <message numerus="yes">
        <source>Going on with %n result(s)…</source>
        <translation>
            <numerusform>Weiter mit %n Ergebnis…</numerusform>
            <numerusform>Weiter mit %n Ergebnissen…</numerusform>
        </translation>
    </message>
    <message>
        <source>What the result is held against: the photo, another result, one of the history</source>
        <translation>Woran das Ergebnis gemessen wird: am Foto, an einem anderen Ergebnis, an einem aus dem Verlauf</translation>
    </message>
    <message>
        <source>Held against</source>
        <translation>Gemessen an</translation>
    </message>
    <message>
        <source>The middle of what is seen, %1 × %1 pixels</source>
        <translation>Die Mitte des Gezeigten, %1 × %1 Pixel</translation>
    </message>
    <message>
        <source>The whole photo</source>
        <translation>Das ganze Foto</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Compare on all of this photo?</source>
        <translation>Auf dem ganzen Foto vergleichen?</translation>
    </message>
    <message>
        <source>It is large: each of the compared runs goes over all of it. A part shows the same in a fraction of the time.</source>
        <translation>Es ist groß: Jeder der verglichenen Läufe rechnet über das ganze Foto. Ein Teil zeigt dasselbe in einem Bruchteil der Zeit.</translation>
    </message>
    <message>
        <source>Paint the part to fill first: it is a part of what is compared.</source>
        <translation>Zuerst malen, was gefüllt werden soll: Es gehört zu dem, was verglichen wird.</translation>
    </message>
    <message>
        <source>The comparison is being prepared…</source>
        <translation>Der Vergleich wird vorbereitet…</translation>
    </message>
    <message>
        <source>A run is on: its settings stay. Stop it, then use those of the comparison.</source>
        <translation>Ein Lauf ist noch an: Seine Einstellungen bleiben. Ihn beenden, dann die des Vergleichs übernehmen.</translation>
    </message>
    <message>
        <source>The settings of that cell cannot be used here: %1</source>
        <translation>Die Einstellungen dieser Zelle lassen sich hier nicht übernehmen: %1</translation>
    </message>
    <message>
        <source>The settings of the comparison are set.</source>
        <translation>Die Einstellungen des Vergleichs sind übernommen.</translation>
    </message>
    <message>
        <source>the comparison&apos;s mask</source>
        <translation>die Maske des Vergleichs</translation>
    </message>
    <message>
        <source>The cell&apos;s mask and area could not be put back.</source>
        <translation>Maske und Bereich der Zelle ließen sich nicht wiederherstellen.</translation>
    </message>
    <message>
        <source>Step %1</source>
        <translation>Schritt %1</translation>
    </message>
    <message>
        <source>A part of %1 is transparent.</source>
        <translation>Ein Teil von %1 ist durchsichtig.</translation>
    </message>
    <message>
        <source>Fill that part</source>
        <translation>Diesen Teil füllen</translation>
    </message>
    <message>
        <source>%1: %2.</source>
        <translation>%1: %2.</translation>
    </message>
    <message>
        <source>Mark in saved photos that a model made parts</source>
        <translation>In gespeicherten Fotos vermerken, dass ein Modell Teile gemacht hat</translation>
    </message>
    <message>
        <source>Pictures (*.png *.jpg *.jpeg *.tif *.tiff *.webp *.bmp *.heic *.avif)</source>
        <translation>Bilder (*.png *.jpg *.jpeg *.tif *.tiff *.webp *.bmp *.heic *.avif)</translation>
    </message>
    <message>
        <source>%1. The result is kept and the queue waits.</source>
        <translation>%1. Das Ergebnis bleibt erhalten, und die Reihe wartet.</translation>
    </message>
    <message>
        <source>Another folder…</source>
        <translation>Anderer Ordner…</translation>
    </message>
    <message>
        <source>%1. The settings stay in the form.</source>
        <translation>%1. Die Einstellungen bleiben im Formular.</translation>
    </message>
    <message>
        <source>Export them as a file…</source>
        <translation>Als Datei exportieren…</translation>
    </message>
    <message>
        <source>%1. It is kept.</source>
        <translation>%1. Es geht nichts verloren.</translation>
    </message>
    <message>
        <source>Save to another place…</source>
        <translation>An anderer Stelle sichern…</translation>
    </message>
    <message>
        <source>This step is only kept as a preview. Branch from it to have it as the model makes it.</source>
        <translation>Dieser Schritt ist nur als Vorschau aufgehoben. Zweigen Sie von ihm ab, um ihn so zu erhalten, wie das Modell ihn macht.</translation>
    </message>
    <message>
        <source>Step %1, preview</source>
        <translation>Schritt %1, Vorschau</translation>
    </message>
</context>
<context>
    <name>PhotoRuns</name>
    <message>
        <source>The prompt is longer than 75 tokens; this is not used: %1</source>
        <translation>Die Beschreibung ist länger als 75 Token; dies wird nicht verwendet: %1</translation>
    </message>
    <message>
        <source>The clipboard holds no picture.</source>
        <translation>Die Zwischenablage enthält kein Bild.</translation>
    </message>
    <message>
        <source>The photo is too large for this computer&apos;s memory.</source>
        <translation>Das Foto ist zu groß für den Speicher dieses Rechners.</translation>
    </message>
    <message>
        <source>Out of memory: take fewer samples at once or a smaller working area.</source>
        <translation>Zu wenig Speicher: weniger Ergebnisse auf einmal oder einen kleineren Arbeitsbereich nehmen.</translation>
    </message>
    <message>
        <source>that run has ended</source>
        <translation>dieser Lauf ist zu Ende</translation>
    </message>
</context>
<context>
    <name>PhotoSession</name>
    <message>
        <source>the last session&apos;s mask</source>
        <translation>die Maske der letzten Sitzung</translation>
    </message>
</context>
<context>
    <name>PlotBar</name>
    <message>
        <source>Quality, upwards</source>
        <translation>Güte, nach oben</translation>
    </message>
    <message>
        <source>against</source>
        <translation>gegen</translation>
    </message>
    <message>
        <source>Effort, to the right</source>
        <translation>Aufwand, nach rechts</translation>
    </message>
    <message>
        <source>by factors</source>
        <translation>nach Faktoren</translation>
    </message>
    <message>
        <source>Equal distances are equal factors (a logarithmic scale).</source>
        <translation>Gleiche Abstände sind gleiche Faktoren (eine logarithmische Skala).</translation>
    </message>
    <message>
        <source>Put together</source>
        <translation>Zusammenfassen</translation>
    </message>
    <message>
        <source>Axes whose cells become one dot with bars of one standard deviation.</source>
        <translation>Achsen, deren Zellen ein Punkt mit Balken von einer Standardabweichung werden.</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
</context>
<context>
    <name>PractiseBar</name>
    <message>
        <source>Metronome</source>
        <translation>Metronom</translation>
    </message>
    <message>
        <source>Slower by 5 %</source>
        <translation>5 % langsamer</translation>
    </message>
    <message>
        <source>Faster by 5 %</source>
        <translation>5 % schneller</translation>
    </message>
    <message>
        <source>The loop begins here</source>
        <translation>Der Loop beginnt hier</translation>
    </message>
    <message>
        <source>The loop ends here</source>
        <translation>Der Loop endet hier</translation>
    </message>
    <message>
        <source>Keep the loop with the song</source>
        <translation>Den Loop beim Song aufheben</translation>
    </message>
</context>
<context>
    <name>PractiseKeeping</name>
    <message>
        <source>Loop %1</source>
        <translation>Loop %1</translation>
    </message>
</context>
<context>
    <name>PublishedTable</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>%1 GB</source>
        <translation>%1 GB</translation>
    </message>
    <message>
        <source>Models that researchers have published and that can be used here. Fetch one under its licence, or get the file from its source and drop it on this window.</source>
        <translation>Modelle, die Forscher veröffentlicht haben und die hier benutzt werden können. Holen Sie eines unter seiner Lizenz, oder besorgen Sie die Datei an ihrer Quelle und legen Sie sie auf dieses Fenster.</translation>
    </message>
    <message>
        <source>Published models</source>
        <translation>Veröffentlichte Modelle</translation>
    </message>
    <message>
        <source>Fetch…</source>
        <translation>Holen…</translation>
    </message>
</context>
<context>
    <name>Question</name>
    <message>
        <source>MGDM Studio</source>
        <translation>MGDM Studio</translation>
    </message>
</context>
<context>
    <name>RaceView</name>
    <message>
        <source>First cell of the race</source>
        <translation>Erste Zelle des Wettlaufs</translation>
    </message>
    <message>
        <source>Second cell of the race</source>
        <translation>Zweite Zelle des Wettlaufs</translation>
    </message>
    <message>
        <source>against</source>
        <translation>gegen</translation>
    </message>
    <message>
        <source>Race</source>
        <translation>Wettlauf</translation>
    </message>
    <message>
        <source>Both are run anew, by turns, so that at each moment they have taken as many evaluations.</source>
        <translation>Beide werden neu gerechnet, abwechselnd, sodass sie in jedem Augenblick gleich viele Auswertungen gebraucht haben.</translation>
    </message>
    <message>
        <source>The same seed, the same observation; each point is as many evaluations of the network.</source>
        <translation>Derselbe Startwert, dieselbe Beobachtung; jeder Punkt steht für gleich viele Auswertungen des Netzes.</translation>
    </message>
    <message>
        <source>Choose two different cells.</source>
        <translation>Zwei verschiedene Zellen wählen.</translation>
    </message>
</context>
<context>
    <name>ResidualPlot</name>
    <message>
        <source>How far the estimate is from the observation, in units of its noise (sigma). A sample that explains it ends at the line.
Click to go to a step.</source>
        <translation>Wie weit die Schätzung von der Beobachtung entfernt ist, in Einheiten ihres Rauschens (sigma). Ein Ergebnis, das sie erklärt, endet an der Linie.
Ein Klick geht zu einem Schritt.</translation>
    </message>
    <message>
        <source>1 σ</source>
        <translation>1 σ</translation>
    </message>
    <message>
        <source>10 σ</source>
        <translation>10 σ</translation>
    </message>
    <message>
        <source>100 σ</source>
        <translation>100 σ</translation>
    </message>
    <message>
        <source>Distance from the photo</source>
        <translation>Abstand vom Foto</translation>
    </message>
    <message>
        <source>distance from the photo, while it runs</source>
        <translation>Abstand vom Foto, während es läuft</translation>
    </message>
    <message>
        <source>distance from the photo over the steps</source>
        <translation>Abstand vom Foto über die Schritte</translation>
    </message>
</context>
<context>
    <name>ResultComparison</name>
    <message>
        <source>%1 of the run before</source>
        <translation>%1 des Laufs davor</translation>
    </message>
    <message>
        <source>No photo is open.</source>
        <translation>Es ist kein Foto offen.</translation>
    </message>
    <message>
        <source>It is of another photo.</source>
        <translation>Es ist von einem anderen Foto.</translation>
    </message>
    <message>
        <source>That result is of a photo of another size.</source>
        <translation>Dieses Ergebnis ist von einem Foto anderer Größe.</translation>
    </message>
    <message>
        <source>History: %1, %2</source>
        <translation>Verlauf: %1, %2</translation>
    </message>
    <message>
        <source>Hold the result against</source>
        <translation>Das Ergebnis messen an:</translation>
    </message>
    <message>
        <source>The photo</source>
        <translation>Das Foto</translation>
    </message>
    <message>
        <source>A result of the history</source>
        <translation>Ein Ergebnis aus dem Verlauf</translation>
    </message>
    <message>
        <source>Pace of taking turns</source>
        <translation>Takt beim Abwechseln</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1&#xa0;s</translation>
    </message>
</context>
<context>
    <name>RunButtons</name>
    <message>
        <source>Run</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>Anhalten, behalten</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Ends the run now and forgets it.</source>
        <translation>Beendet den Lauf jetzt und vergisst ihn.</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Goes on with the run (P).</source>
        <translation>Rechnet weiter (P).</translation>
    </message>
    <message>
        <source>The run waits and leaves the computer to others until it goes on (P).</source>
        <translation>Die Rechnung wartet und lässt den Rechner anderen, bis es weitergeht (P).</translation>
    </message>
</context>
<context>
    <name>SampleStrip</name>
    <message>
        <source>Put into photo</source>
        <translation>Ins Foto</translation>
    </message>
    <message>
        <source>Favourite</source>
        <translation>Favorit</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Unterschied</translation>
    </message>
    <message>
        <source>PSNR %1 dB, SSIM %2</source>
        <translation>PSNR %1 dB, SSIM %2</translation>
    </message>
    <message>
        <source>residual %1 σ</source>
        <translation>Residuum %1 σ</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>Spread</source>
        <translation>Streuung</translation>
    </message>
    <message>
        <source>Observed</source>
        <translation>Gegeben</translation>
    </message>
    <message>
        <source>What was given.</source>
        <translation>Was gegeben war.</translation>
    </message>
    <message>
        <source>spread %1 %</source>
        <translation>Streuung %1 %</translation>
    </message>
    <message>
        <source>Open enlarged</source>
        <translation>Vergrößert öffnen</translation>
    </message>
    <message>
        <source>The results of a run appear here.</source>
        <translation>Hier erscheinen die Ergebnisse.</translation>
    </message>
    <message>
        <source>Lays the chosen result over the photo as a layer (Ctrl+Shift+Return).</source>
        <translation>Legt das gewählte Ergebnis als Ebene über das Foto (Strg+Umschalt+Eingabe).</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>What the result changed, four times enlarged.</source>
        <translation>Was das Ergebnis verändert hat, vierfach verstärkt.</translation>
    </message>
    <message>
        <source>Result %1</source>
        <translation>Ergebnis %1</translation>
    </message>
    <message>
        <source>The posterior mean: where the results agree it is sharp.</source>
        <translation>Der Mittelwert der Posterior-Verteilung: Wo die Ergebnisse einig sind, ist er scharf.</translation>
    </message>
    <message>
        <source>Standard deviation over the results: bright where they disagree.</source>
        <translation>Standardabweichung über die Ergebnisse: hell, wo sie uneinig sind.</translation>
    </message>
    <message>
        <source>Put step %1 in</source>
        <translation>Schritt %1 einsetzen</translation>
    </message>
    <message>
        <source>Difference of %1</source>
        <translation>Unterschied von %1</translation>
    </message>
    <message>
        <source>What was observed is no picture of the same shape.</source>
        <translation>Das Beobachtete ist kein Bild von gleicher Form.</translation>
    </message>
    <message>
        <source>Its colours stand for numbers.</source>
        <translation>Seine Farben stehen für Zahlen.</translation>
    </message>
    <message>
        <source>Compare with this</source>
        <translation>Hiermit vergleichen</translation>
    </message>
    <message>
        <source>Other results are held against it.</source>
        <translation>Andere Ergebnisse werden daran gemessen.</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>Vormerken</translation>
    </message>
    <message numerus="yes">
        <source>Go on with %n marked</source>
        <translation>
            <numerusform>Weiter mit %n vorgemerkten</numerusform>
            <numerusform>Weiter mit %n vorgemerkten</numerusform>
        </translation>
    </message>
    <message>
        <source>Go on with the marked</source>
        <translation>Weiter mit vorgemerkten</translation>
    </message>
    <message>
        <source>Once the run is a third of its way.</source>
        <translation>Sobald ein Drittel des Laufs getan ist.</translation>
    </message>
    <message>
        <source>Mark the good ones first, with the star (F).</source>
        <translation>Zuerst die guten mit dem Stern vormerken (F).</translation>
    </message>
    <message>
        <source>All are marked: they go on as it is.</source>
        <translation>Alle sind vorgemerkt: Sie machen ohnehin weiter.</translation>
    </message>
    <message>
        <source>Only the marked results are computed to the end; the others are given up.</source>
        <translation>Nur die vorgemerkten Ergebnisse werden zu Ende gerechnet; die anderen werden aufgegeben.</translation>
    </message>
</context>
<context>
    <name>SettingsForm</name>
    <message>
        <source>Choose a file</source>
        <translation>Datei wählen</translation>
    </message>
    <message>
        <source>%1 (%2 to %3)</source>
        <translation>%1 (%2 bis %3)</translation>
    </message>
    <message>
        <source>on</source>
        <translation>an</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>leer</translation>
    </message>
    <message>
        <source>Default: %1</source>
        <translation>Standard: %1</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>%1 is used twice: %2 and %3.</source>
        <translation>%1 ist doppelt belegt: %2 und %3.</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>Held while drawing: erase</source>
        <translation>Beim Zeichnen gehalten: radieren</translation>
    </message>
    <message>
        <source>Held with the wheel: brush size</source>
        <translation>Am Mausrad gehalten: Pinselgröße</translation>
    </message>
    <message>
        <source>Held: the photo without the result</source>
        <translation>Gehalten: das Foto ohne Ergebnis</translation>
    </message>
</context>
<context>
    <name>SongHistory</name>
    <message>
        <source>Songs and their stems</source>
        <translation>Songs und ihre Stimmen</translation>
    </message>
    <message>
        <source>one sample</source>
        <translation>eine Stichprobe</translation>
    </message>
    <message>
        <source>%1 samples</source>
        <translation>%1 Stichproben</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>%1 (is not there)</source>
        <translation>%1 (ist nicht da)</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Delete all its stems…</source>
        <translation>Alle Stimmen löschen…</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Löschen…</translation>
    </message>
</context>
<context>
    <name>SongPage</name>
    <message>
        <source>Play or pause</source>
        <translation>Abspielen oder anhalten</translation>
    </message>
    <message>
        <source>To the beginning</source>
        <translation>Zum Anfang</translation>
    </message>
    <message>
        <source>Repeat the marked part</source>
        <translation>Markierten Teil wiederholen</translation>
    </message>
    <message>
        <source>The song as it was, instead of its stems</source>
        <translation>Der Song, wie er war, statt seiner Stimmen</translation>
    </message>
    <message>
        <source>Unmute all</source>
        <translation>Alle hörbar machen</translation>
    </message>
    <message>
        <source>End solo</source>
        <translation>Solo beenden</translation>
    </message>
    <message>
        <source>Show the whole song</source>
        <translation>Ganzen Song zeigen</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>Anhalten, behalten</translation>
    </message>
    <message>
        <source>Open a song (WAV, FLAC, OGG, MP3) or drop it here.</source>
        <translation>Öffnen Sie einen Song (WAV, FLAC, OGG, MP3) oder legen Sie ihn hier ab.</translation>
    </message>
    <message>
        <source>Open a song…</source>
        <translation>Song öffnen…</translation>
    </message>
    <message>
        <source>Open the sample song</source>
        <translation>Beispielsong öffnen</translation>
    </message>
    <message>
        <source>Mark a part by dragging over the song, or run on all of it.</source>
        <translation>Markieren Sie einen Teil durch Ziehen, oder starten Sie mit dem ganzen Song.</translation>
    </message>
    <message>
        <source>t %1, residual %2 σ</source>
        <translation>t %1, Residuum %2 σ</translation>
    </message>
    <message>
        <source>Part %1 of %2, step %3 of %4, %5 left</source>
        <translation>Teil %1 von %2, Schritt %3 von %4, noch %5</translation>
    </message>
    <message>
        <source>Stopped before the first part was finished.</source>
        <translation>Angehalten, bevor der erste Teil fertig war.</translation>
    </message>
    <message>
        <source>Stopped; %1 of music are separated.</source>
        <translation>Angehalten; %1 Musik sind getrennt.</translation>
    </message>
    <message>
        <source>Done: %1 of music in %2, %3 s for a second.</source>
        <translation>Fertig: %1 Musik in %2, %3 s für eine Sekunde.</translation>
    </message>
    <message>
        <source>Run discarded.</source>
        <translation>Lauf verworfen.</translation>
    </message>
    <message>
        <source>Saved to %1.</source>
        <translation>Gespeichert als %1.</translation>
    </message>
    <message>
        <source>Ends the run now and keeps what is finished (Esc).</source>
        <translation>Beendet den Lauf jetzt und behält, was fertig ist (Esc).</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Opening %1…</source>
        <translation>%1 wird geöffnet…</translation>
    </message>
    <message>
        <source>Loading the model…</source>
        <translation>Das Modell wird geladen…</translation>
    </message>
    <message>
        <source>Open a song first.</source>
        <translation>Öffnen Sie zuerst einen Song.</translation>
    </message>
    <message>
        <source>Run (Ctrl+Return)</source>
        <translation>Starten (Strg+Eingabe)</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird angehalten…</translation>
    </message>
    <message>
        <source>The last action failed.</source>
        <translation>Die letzte Aktion ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>Saving %1…</source>
        <translation>Speichert %1…</translation>
    </message>
    <message>
        <source>Songs (%1)</source>
        <translation>Musik (%1)</translation>
    </message>
    <message>
        <source>Open a song to begin.</source>
        <translation>Öffnen Sie einen Song, um zu beginnen.</translation>
    </message>
    <message>
        <source>A run is still on. Close the program?</source>
        <translation>Noch läuft eine Rechnung. Das Programm beenden?</translation>
    </message>
    <message>
        <source>What is finished of the stems can be kept.</source>
        <translation>Was von den Stimmen fertig ist, kann behalten werden.</translation>
    </message>
    <message>
        <source>Discard the run</source>
        <translation>Rechnung verwerfen</translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Weiterrechnen</translation>
    </message>
    <message>
        <source>The stems that were made before are here again.</source>
        <translation>Die früher gemachten Stimmen sind wieder da.</translation>
    </message>
    <message>
        <source>Delete these stems?</source>
        <translation>Diese Stimmen löschen?</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Pause, go on</source>
        <translation>Pause, weiter</translation>
    </message>
    <message>
        <source>Stops opening; what is open stays open (Esc).</source>
        <translation>Bricht das Öffnen ab; was offen ist, bleibt offen (Esc).</translation>
    </message>
    <message>
        <source>Paused.</source>
        <translation>Pause.</translation>
    </message>
    <message>
        <source>Going on…</source>
        <translation>Es geht weiter…</translation>
    </message>
    <message>
        <source>A run is still on. Open another song?</source>
        <translation>Noch läuft eine Rechnung. Einen anderen Song öffnen?</translation>
    </message>
    <message>
        <source>%1[*] - MGDM Studio</source>
        <translation>%1[*] - MGDM Studio</translation>
    </message>
    <message>
        <source>Opening was cancelled.</source>
        <translation>Das Öffnen wurde abgebrochen.</translation>
    </message>
    <message>
        <source>Songs</source>
        <translation>Musik</translation>
    </message>
    <message>
        <source>Song tools</source>
        <translation>Werkzeuge für Musik</translation>
    </message>
    <message>
        <source>A run is on: its settings stay. Stop it, then use those of the comparison.</source>
        <translation>Ein Lauf ist noch an: Seine Einstellungen bleiben. Ihn beenden, dann die des Vergleichs übernehmen.</translation>
    </message>
    <message>
        <source>The settings of that cell cannot be used here: %1</source>
        <translation>Die Einstellungen dieser Zelle lassen sich hier nicht übernehmen: %1</translation>
    </message>
    <message>
        <source>The settings of the comparison are set.</source>
        <translation>Die Einstellungen des Vergleichs sind übernommen.</translation>
    </message>
    <message>
        <source>Compare settings…</source>
        <translation>Einstellungen vergleichen…</translation>
    </message>
    <message>
        <source>%1. The stems are kept.</source>
        <translation>%1. Die Stimmen bleiben erhalten.</translation>
    </message>
    <message>
        <source>Export to another folder…</source>
        <translation>In einen anderen Ordner exportieren…</translation>
    </message>
    <message>
        <source>What is read can be played meanwhile.</source>
        <translation>Was gelesen ist, lässt sich inzwischen abspielen.</translation>
    </message>
    <message>
        <source>A run can begin once all of the song is read.</source>
        <translation>Ein Lauf kann beginnen, sobald der ganze Song gelesen ist.</translation>
    </message>
    <message>
        <source>Practise</source>
        <translation>Üben</translation>
    </message>
    <message>
        <source>Tempo, key, metronome and loops (T)</source>
        <translation>Tempo, Tonart, Metronom und Loops (T)</translation>
    </message>
    <message>
        <source>%1 st</source>
        <translation>%1 HT</translation>
    </message>
    <message>
        <source>Practise: %1</source>
        <translation>Üben: %1</translation>
    </message>
    <message>
        <source>Show or hide what is for practising</source>
        <translation>Zeigen oder verbergen, was zum Üben da ist</translation>
    </message>
    <message>
        <source>There is no other run of this song.</source>
        <translation>Es gibt keinen anderen Lauf dieses Songs.</translation>
    </message>
    <message>
        <source>Delete the stems of %1 runs?</source>
        <translation>Die Stimmen von %1 Läufen löschen?</translation>
    </message>
    <message>
        <source>The song and files that were exported stay.</source>
        <translation>Der Song und exportierte Dateien bleiben.</translation>
    </message>
    <message>
        <source>The run that was seen before, at the same place</source>
        <translation>Der zuvor gezeigte Lauf, an derselben Stelle</translation>
    </message>
    <message>
        <source>Spectrograms instead of waveforms</source>
        <translation>Spektrogramme statt Wellenformen</translation>
    </message>
    <message>
        <source>Taller waveforms</source>
        <translation>Höhere Wellenformen</translation>
    </message>
    <message>
        <source>Flatter waveforms</source>
        <translation>Flachere Wellenformen</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Songs you have separated</source>
        <translation>Songs, die Sie getrennt haben</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Stems stay here until you delete them or they take more than %1 GB.</source>
        <translation>Stimmen bleiben hier, bis Sie sie löschen oder sie mehr als %1 GB belegen.</translation>
    </message>
    <message>
        <source>Part of the song</source>
        <translation>Teil des Songs</translation>
    </message>
    <message>
        <source>All that is separated</source>
        <translation>Alles, was getrennt ist</translation>
    </message>
    <message>
        <source>Marked part</source>
        <translation>Markierter Teil</translation>
    </message>
    <message>
        <source>Practise: %1 %, pass %2</source>
        <translation>Üben: %1 %, Durchgang %2</translation>
    </message>
</context>
<context>
    <name>SongPanel</name>
    <message>
        <source>Keep the rest apart</source>
        <translation>Rest getrennt halten</translation>
    </message>
    <message>
        <source>Separate a song</source>
        <translation>Einen Song trennen</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>Was tun?</translation>
    </message>
    <message>
        <source>Bass, drums, guitar, piano</source>
        <translation>Bass, Schlagzeug, Gitarre, Klavier</translation>
    </message>
    <message>
        <source>… and remove hiss</source>
        <translation>… und Rauschen entfernen</translation>
    </message>
    <message>
        <source>… and undo clipping</source>
        <translation>… und Übersteuerung beheben</translation>
    </message>
    <message>
        <source>… and add lost treble</source>
        <translation>… und Höhen ergänzen</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Pegel</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>Whole song</source>
        <translation>Ganzer Song</translation>
    </message>
    <message>
        <source>Marked part</source>
        <translation>Markierter Teil</translation>
    </message>
    <message>
        <source>Drag over a lane to mark a part; an excerpt first saves time.</source>
        <translation>Ziehen Sie über eine Spur, um einen Teil zu markieren; erst ein Ausschnitt spart Zeit.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>quick, balanced, best: more steps and samples, more time. paper: the settings of the paper.</source>
        <translation>Schnell, ausgewogen, gründlich: mehr Schritte und Stichproben, mehr Zeit. Wie im Artikel: dessen Einstellungen.</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>Stichproben</translation>
    </message>
    <message>
        <source>By quality</source>
        <translation>Nach Qualität</translation>
    </message>
    <message>
        <source>Posterior samples; the stems are made from what they agree on. More are cleaner and take as many times longer.</source>
        <translation>Stichproben der Posterior-Verteilung; die Stimmen entstehen aus dem, worin sie übereinstimmen. Mehr klingen sauberer und dauern entsprechend länger.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>%1
%2 Hz, %3, %4</source>
        <translation>%1
%2 Hz, %3, %4</translation>
    </message>
    <message>
        <source>mono</source>
        <translation>mono</translation>
    </message>
    <message>
        <source>stereo</source>
        <translation>stereo</translation>
    </message>
    <message>
        <source>The stems are made from posterior samples given the song; together they are the song.</source>
        <translation>Die Stimmen entstehen aus Stichproben der Posterior-Verteilung; zusammen sind sie der Song.</translation>
    </message>
    <message>
        <source>White noise of this strength (1 = full scale) stays out of the stems and of the mix.</source>
        <translation>Weißes Rauschen dieser Stärke (1 = Vollaussteuerung) bleibt den Stimmen und der Mischung fern.</translation>
    </message>
    <message>
        <source>Peaks cut off at this level (1 = full scale) are made up; the rest of the mix stays as it is.</source>
        <translation>Bei diesem Pegel (1 = Vollaussteuerung) abgeschnittene Spitzen werden ergänzt; der Rest bleibt, wie er ist.</translation>
    </message>
    <message>
        <source>Nothing is left of the song above this frequency; the mix gets new treble.</source>
        <translation>Über dieser Frequenz ist vom Song nichts übrig; die Mischung bekommt neue Höhen.</translation>
    </message>
    <message>
        <source> Hz</source>
        <translation> Hz</translation>
    </message>
    <message>
        <source>Stems of this song</source>
        <translation>Stimmen dieses Songs</translation>
    </message>
    <message>
        <source>Stems that were made of this song; they stay when the program ends.</source>
        <translation>Stimmen, die von diesem Song gemacht wurden; sie bleiben, wenn das Programm endet.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Stems made before…</source>
        <translation>Früher gemachte Stimmen…</translation>
    </message>
    <message>
        <source>it is a method without a model (%1)</source>
        <translation>sie ist ein Verfahren ohne Modell (%1)</translation>
    </message>
    <message>
        <source>it repairs two things at once</source>
        <translation>sie behebt zwei Schäden auf einmal</translation>
    </message>
    <message>
        <source>the model %1 is not one of the page&apos;s</source>
        <translation>das Modell %1 gehört nicht zu denen der Seite</translation>
    </message>
    <message>
        <source>the seed %1 is larger than the page knows</source>
        <translation>der Startwert %1 ist größer, als die Seite erlaubt</translation>
    </message>
    <message>
        <source>Compared: %1</source>
        <translation>Aus dem Vergleich: %1</translation>
    </message>
    <message>
        <source>The run that was stopped goes on where it was, with its own settings.</source>
        <translation>Der angehaltene Lauf geht dort weiter, wo er war, mit seinen eigenen Einstellungen.</translation>
    </message>
    <message>
        <source>Go on from %1</source>
        <translation>Weiter ab %1</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>One file of what is heard, one without a stem, or the stems (Ctrl+E).</source>
        <translation>Eine Datei, wie zu hören, eine ohne eine Stimme, oder die Stimmen (Strg+E).</translation>
    </message>
    <message>
        <source>What is heard…</source>
        <translation>Wie zu hören…</translation>
    </message>
    <message>
        <source>Everything but: %1…</source>
        <translation>Alles außer: %1…</translation>
    </message>
    <message>
        <source>The stems…</source>
        <translation>Die Stimmen…</translation>
    </message>
    <message>
        <source>Together the stems are the song.</source>
        <translation>Zusammen sind die Stimmen der Song.</translation>
    </message>
    <message>
        <source>Go on with the run that was stopped</source>
        <translation>Mit dem angehaltenen Lauf weitermachen</translation>
    </message>
    <message>
        <source>Other sounds</source>
        <translation>Andere Klänge</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>Anderes</translation>
    </message>
    <message>
        <source>Together the stems are the song, to %1 dB.</source>
        <translation>Zusammen sind die Stimmen der Song, auf %1 dB genau.</translation>
    </message>
    <message>
        <source>Together the stems are not all of the song: %1 dB are left.</source>
        <translation>Zusammen sind die Stimmen nicht der ganze Song: %1 dB fehlen.</translation>
    </message>
    <message>
        <source>What is none of the stems gets a track of its own: what has a pitch and does not hold it, speech above all, or the voice that is among the stems to start from. At most this share of what sounds at each place.</source>
        <translation>Was keine der Stimmen ist, bekommt eine eigene Spur: was eine Tonhöhe hat und sie nicht hält, vor allem Sprache, oder der Gesang unter den Stimmen, von denen ausgegangen wird. Höchstens dieser Anteil von dem, was an jeder Stelle klingt.</translation>
    </message>
    <message>
        <source>What no stem explains becomes a track of its own; else it is shared out, so that the stems add up to the song.</source>
        <translation>Was keine Stimme erklärt, wird eine eigene Spur; sonst wird es verteilt, sodass die Stimmen zusammen den Song ergeben.</translation>
    </message>
    <message>
        <source>The model knows bass, drums, guitar and piano; what glides, speech above all, gets a track of its own.</source>
        <translation>Das Modell kennt Bass, Schlagzeug, Gitarre und Klavier; was gleitet, vor allem Sprache, bekommt eine eigene Spur.</translation>
    </message>
</context>
<context>
    <name>SongRuns</name>
    <message>
        <source>The song is too long for this computer&apos;s memory.</source>
        <translation>Der Song ist zu lang für den Speicher dieses Rechners.</translation>
    </message>
    <message>
        <source>There is nothing to export yet.</source>
        <translation>Es gibt noch nichts zu exportieren.</translation>
    </message>
    <message>
        <source>These stems are of another song of that name.</source>
        <translation>Diese Stimmen gehören zu einem anderen Song dieses Namens.</translation>
    </message>
    <message numerus="yes">
        <source>Its %n channels were mixed down to two.</source>
        <translation>
            <numerusform>Sein %n Kanal wurde auf zwei gemischt.</numerusform>
            <numerusform>Seine %n Kanäle wurden auf zwei gemischt.</numerusform>
        </translation>
    </message>
    <message>
        <source>The file is damaged: %1 cannot be read and is silent.</source>
        <translation>Die Datei ist beschädigt: %1 lässt sich nicht lesen und ist still.</translation>
    </message>
    <message>
        <source>Its channels are out of phase; the right one is turned round for the model, and back.</source>
        <translation>Seine Kanäle sind gegenphasig; der rechte wird für das Modell umgedreht und wieder zurück.</translation>
    </message>
    <message>
        <source>Nothing of this part is finished</source>
        <translation>Von diesem Teil ist nichts fertig</translation>
    </message>
    <message>
        <source>Written %1 dB softer, so that nothing is cut off; WAV of 32 bits holds it as it is.</source>
        <translation>Um %1 dB leiser geschrieben, damit nichts abgeschnitten wird; WAV mit 32 Bit hält es, wie es ist.</translation>
    </message>
</context>
<context>
    <name>SongScrubber</name>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Iterates</source>
        <translation>Iterierte</translation>
    </message>
    <message>
        <source>The run&apos;s iterates around the place where it plays, seen and heard; at the right end is what is there now.</source>
        <translation>Die Iterierten des Laufs um die Stelle, an der gespielt wird, zu sehen und zu hören; am rechten Ende ist, was jetzt da ist.</translation>
    </message>
    <message>
        <source>1 step can be heard</source>
        <translation>1 Schritt ist zu hören</translation>
    </message>
    <message>
        <source>%1 steps can be gone through</source>
        <translation>%1 Schritte zum Zurückgehen</translation>
    </message>
    <message>
        <source>step %1 of %2, t %3, %4–%5</source>
        <translation>Schritt %1 von %2, t %3, %4–%5</translation>
    </message>
</context>
<context>
    <name>StartField</name>
    <message>
        <source>Start from stems…</source>
        <translation>Von Stimmen ausgehen…</translation>
    </message>
    <message>
        <source>A folder with stems that another program has made of this song (bass.wav, drums.wav, other.wav…): the separation begins from them instead of from noise, and takes less time.</source>
        <translation>Ein Ordner mit Stimmen, die ein anderes Programm aus diesem Song gemacht hat (bass.wav, drums.wav, other.wav…): Die Trennung beginnt mit ihnen statt mit Rauschen und dauert kürzer.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Do not start from these stems</source>
        <translation>Nicht von diesen Stimmen ausgehen</translation>
    </message>
    <message>
        <source>Start level</source>
        <translation>Startpegel</translation>
    </message>
    <message>
        <source>Noise level at which the separation begins: the less, the more of these stems stays.</source>
        <translation>Rauschpegel, bei dem die Trennung beginnt: je kleiner, desto mehr bleibt von diesen Stimmen.</translation>
    </message>
    <message>
        <source>Folder with stems of this song</source>
        <translation>Ordner mit Stimmen dieses Songs</translation>
    </message>
    <message>
        <source>%1: starts from %2.</source>
        <translation>%1: geht aus von %2.</translation>
    </message>
    <message>
        <source>Not used: %1.</source>
        <translation>Nicht verwendet: %1.</translation>
    </message>
</context>
<context>
    <name>StemRows</name>
    <message>
        <source>bass</source>
        <translation>Bass</translation>
    </message>
    <message>
        <source>drums</source>
        <translation>Schlagzeug</translation>
    </message>
    <message>
        <source>guitar</source>
        <translation>Gitarre</translation>
    </message>
    <message>
        <source>piano</source>
        <translation>Klavier</translation>
    </message>
    <message>
        <source>residual</source>
        <translation>Rest</translation>
    </message>
    <message>
        <source>mix</source>
        <translation>Mischung</translation>
    </message>
    <message>
        <source>Song</source>
        <translation>Song</translation>
    </message>
    <message>
        <source>Loudness of %1</source>
        <translation>Lautstärke von %1</translation>
    </message>
    <message>
        <source>Waveform of %1</source>
        <translation>Wellenform von %1</translation>
    </message>
    <message>
        <source>M</source>
        <comment>mute</comment>
        <translation>M</translation>
    </message>
    <message>
        <source>Mute (Shift+U unmutes all)</source>
        <translation>Stumm (Umschalt+U macht alle hörbar)</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>Stumm</translation>
    </message>
    <message>
        <source>S</source>
        <comment>solo</comment>
        <translation>S</translation>
    </message>
    <message>
        <source>Solo; several can be (Shift+S ends it)</source>
        <translation>Solo; auch mehrere (Umschalt+S beendet es)</translation>
    </message>
    <message>
        <source>Solo</source>
        <translation>Solo</translation>
    </message>
    <message>
        <source>Loudness, 0 to 150 %; a double click gives 100 %</source>
        <translation>Lautstärke, 0 bis 150 %; ein Doppelklick gibt 100 %</translation>
    </message>
    <message>
        <source>Place between left and right; a double click gives the middle</source>
        <translation>Ort zwischen links und rechts; ein Doppelklick gibt die Mitte</translation>
    </message>
    <message>
        <source>Place of %1</source>
        <translation>Ort von %1</translation>
    </message>
    <message>
        <source>other</source>
        <translation>anderes</translation>
    </message>
</context>
<context>
    <name>TaskPanel</name>
    <message>
        <source>Noise</source>
        <translation>Rauschen</translation>
    </message>
    <message>
        <source>Kind of noise</source>
        <translation>Rauschart</translation>
    </message>
    <message>
        <source>Lost values</source>
        <translation>Verlorene Werte</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Detail</source>
        <translation>Detail</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>Was tun?</translation>
    </message>
    <message>
        <source>Fill what I painted</source>
        <translation>Gemaltes ausfüllen</translation>
    </message>
    <message>
        <source>Paint over what should go; the model fills it.</source>
        <translation>Übermalen, was verschwinden soll; das Modell füllt es aus.</translation>
    </message>
    <message>
        <source>My photo is damaged</source>
        <translation>Mein Foto ist beschädigt</translation>
    </message>
    <message>
        <source>Noise, blur, too few pixels, JPEG blocks: the photo as it is goes in.</source>
        <translation>Rauschen, Unschärfe, zu wenige Pixel, JPEG-Blöcke: Das Foto geht so ein, wie es ist.</translation>
    </message>
    <message>
        <source>Try a degradation on a clean photo</source>
        <translation>Schaden am heilen Foto testen</translation>
    </message>
    <message>
        <source>The photo is damaged first, so that the result can be measured.</source>
        <translation>Das Foto wird erst beschädigt, damit das Ergebnis messbar ist.</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>Standard deviation of the observation&apos;s noise (sigma_y), image range -1 to 1.</source>
        <translation>Standardabweichung des Rauschens der Beobachtung (sigma_y), Bildbereich -1 bis 1.</translation>
    </message>
    <message>
        <source>Gaussian: the same everywhere. Photon counts: a dark photo&apos;s grain, weaker in the shadows (Poisson). Salt and pepper: single values lost, black or white.</source>
        <translation>Gauß: überall gleich. Photonenzahlen: das Korn eines dunklen Fotos, schwächer in den Schatten (Poisson). Salz und Pfeffer: einzelne Werte verloren, schwarz oder weiß.</translation>
    </message>
    <message>
        <source>Gaussian</source>
        <translation>Gauß</translation>
    </message>
    <message>
        <source>Photon counts</source>
        <translation>Photonenzahlen</translation>
    </message>
    <message>
        <source>Salt and pepper</source>
        <translation>Salz und Pfeffer</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>Share of the values that are lost.</source>
        <translation>Anteil der Werte, die verloren sind.</translation>
    </message>
    <message>
        <source>Lost</source>
        <translation>Verloren</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>Advanced settings</source>
        <translation>Weitere Einstellungen</translation>
    </message>
    <message>
        <source>Sampler</source>
        <translation>Sampler</translation>
    </message>
    <message>
        <source>This degradation has no noise of that kind.</source>
        <translation>Diese Störung hat kein Rauschen dieser Art.</translation>
    </message>
    <message>
        <source>Standard deviation of the noise where the photo is white, image range -1 to 1: 0.2 stands for 100 photons.</source>
        <translation>Standardabweichung des Rauschens, wo das Foto weiß ist, Bildwerte von -1 bis 1: 0,2 steht für 100 Photonen.</translation>
    </message>
    <message>
        <source>estimated from the photo: %1</source>
        <translation>aus dem Foto geschätzt: %1</translation>
    </message>
    <message>
        <source>quality from the file&apos;s tables: %1</source>
        <translation>Qualität aus den Tabellen der Datei: %1</translation>
    </message>
    <message>
        <source>%1 px</source>
        <translation>%1 px</translation>
    </message>
    <message>
        <source>%1 px, the model&apos;s own</source>
        <translation>%1 px, wie gelernt</translation>
    </message>
    <message>
        <source>%1 px, in tiles</source>
        <translation>%1 px, in Kacheln</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>quick: seconds. balanced: the best for its time. best: minutes. paper: the settings of the paper. exact: for many samples of a posterior with far-apart modes. Below them: your own, see &quot;Advanced settings&quot;.</source>
        <translation>Schnell: Sekunden. Ausgewogen: das Beste für seine Zeit. Gründlich: Minuten. Wie im Artikel: dessen Einstellungen. Exakt: für viele Stichproben einer Posterior-Verteilung mit weit entfernten Moden. Darunter: eigene, siehe „Weitere Einstellungen“.</translation>
    </message>
    <message>
        <source>How many are computed at once: different pictures that all explain the photo (posterior samples).</source>
        <translation>Wie viele auf einmal berechnet werden: verschiedene Bilder, die alle das Foto erklären (Stichproben der Posterior-Verteilung).</translation>
    </message>
    <message>
        <source>Own presets</source>
        <translation>Eigene Voreinstellungen</translation>
    </message>
    <message>
        <source>Keep the sampler&apos;s settings under a name, or give them to others as a file.</source>
        <translation>Die Einstellungen des Samplers unter einem Namen behalten oder als Datei weitergeben.</translation>
    </message>
    <message>
        <source>Keep these settings as…</source>
        <translation>Diese Einstellungen behalten als…</translation>
    </message>
    <message>
        <source>Keep the settings</source>
        <translation>Einstellungen behalten</translation>
    </message>
    <message>
        <source>Name of the preset:</source>
        <translation>Name der Voreinstellung:</translation>
    </message>
    <message>
        <source>Delete the chosen one</source>
        <translation>Gewählte löschen</translation>
    </message>
    <message>
        <source>Export these settings…</source>
        <translation>Diese Einstellungen exportieren…</translation>
    </message>
    <message>
        <source>Export the settings</source>
        <translation>Einstellungen exportieren</translation>
    </message>
    <message>
        <source>Presets (*.json)</source>
        <translation>Voreinstellungen (*.json)</translation>
    </message>
    <message>
        <source>Import a preset…</source>
        <translation>Voreinstellung importieren…</translation>
    </message>
    <message>
        <source>Import a preset</source>
        <translation>Voreinstellung importieren</translation>
    </message>
    <message>
        <source>What is wrong with it</source>
        <translation>Was ihm fehlt</translation>
    </message>
    <message>
        <source>What is done to it</source>
        <translation>Was mit ihm geschieht</translation>
    </message>
    <message>
        <source>Takes about %1 here.</source>
        <translation>Dauert hier etwa %1.</translation>
    </message>
    <message>
        <source>The photo&apos;s own pixels, or the whole area scaled to so many on its short side: faster, but coarser.</source>
        <translation>Die Pixel des Fotos selbst, oder der ganze Bereich auf so viele an der kurzen Seite verkleinert: schneller, aber gröber.</translation>
    </message>
    <message>
        <source>&lt;a href=&quot;faster&quot;&gt;faster&lt;/a&gt;</source>
        <translation>&lt;a href=&quot;faster&quot;&gt;schneller&lt;/a&gt;</translation>
    </message>
    <message>
        <source>&lt;a href=&quot;part&quot;&gt;only a part of the photo&lt;/a&gt;</source>
        <translation>&lt;a href=&quot;part&quot;&gt;nur einen Teil des Fotos&lt;/a&gt;</translation>
    </message>
    <message>
        <source>&lt;a href=&quot;half&quot;&gt;half its size&lt;/a&gt;</source>
        <translation>&lt;a href=&quot;half&quot;&gt;halb so groß&lt;/a&gt;</translation>
    </message>
    <message>
        <source>Or: %1</source>
        <translation>Oder: %1</translation>
    </message>
    <message>
        <source>%1 px, half its size</source>
        <translation>%1 px, halb so groß</translation>
    </message>
    <message>
        <source>the photo&apos;s own pixels</source>
        <translation>die Pixel des Fotos</translation>
    </message>
    <message>
        <source>it is a method without a model (%1)</source>
        <translation>sie ist ein Verfahren ohne Modell (%1)</translation>
    </message>
    <message>
        <source>the seed %1 is larger than the page knows</source>
        <translation>der Startwert %1 ist größer, als die Seite erlaubt</translation>
    </message>
    <message>
        <source>no photo is damaged by “%1”</source>
        <translation>kein Foto ist durch „%1“ beschädigt</translation>
    </message>
    <message>
        <source>the model %1 is not one of the page&apos;s</source>
        <translation>das Modell %1 gehört nicht zu denen der Seite</translation>
    </message>
    <message>
        <source>Stop at a third to choose</source>
        <translation>Nach einem Drittel auswählen</translation>
    </message>
    <message>
        <source>The run waits when a third is done: mark the good results, and only those are computed to the end.</source>
        <translation>Der Lauf wartet, wenn ein Drittel getan ist: die guten Ergebnisse vormerken, und nur sie werden zu Ende gerechnet.</translation>
    </message>
    <message>
        <source>last %1 for this task</source>
        <translation>zuletzt %1 für diese Aufgabe</translation>
    </message>
    <message>
        <source>A face: the model for portraits is used. %1</source>
        <translation>Ein Gesicht: das Modell für Porträts wird verwendet. %1</translation>
    </message>
    <message>
        <source>Use the one for photos</source>
        <translation>Das für Fotos verwenden</translation>
    </message>
</context>
<context>
    <name>TempoRow</name>
    <message>
        <source>Tempo and key</source>
        <translation>Tempo und Tonart</translation>
    </message>
    <message>
        <source>Tempo</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Tempo, 50 to 150 % of the song&apos;s; the key stays (, and .)</source>
        <translation>Tempo, 50 bis 150 % von dem des Songs; die Tonart bleibt (, und .)</translation>
    </message>
    <message>
        <source> st</source>
        <translation> HT</translation>
    </message>
    <message>
        <source>Key, up to 12 semitones (st) up or down; the tempo stays</source>
        <translation>Tonart, bis zu 12 Halbtöne (HT) höher oder tiefer; das Tempo bleibt</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Tonart</translation>
    </message>
    <message>
        <source>The song&apos;s own tempo and key</source>
        <translation>Tempo und Tonart des Songs selbst</translation>
    </message>
    <message>
        <source>Trainer</source>
        <translation>Trainer</translation>
    </message>
    <message>
        <source>Speed trainer: repeats the marked part, faster every few passes</source>
        <translation>Tempotrainer: wiederholt den markierten Teil, alle paar Durchgänge schneller</translation>
    </message>
    <message>
        <source>Tempo of the first passes</source>
        <translation>Tempo der ersten Durchgänge</translation>
    </message>
    <message>
        <source>Tempo at which the trainer arrives</source>
        <translation>Tempo, bei dem der Trainer ankommt</translation>
    </message>
    <message>
        <source>to </source>
        <translation>bis </translation>
    </message>
    <message>
        <source>How much faster each time</source>
        <translation>Wie viel schneller jedes Mal</translation>
    </message>
    <message>
        <source>every </source>
        <translation>alle </translation>
    </message>
    <message>
        <source>Passes at one tempo</source>
        <translation>Durchgänge in einem Tempo</translation>
    </message>
</context>
<context>
    <name>TimeRuler</name>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>Iterates</source>
        <translation>Iterierte</translation>
    </message>
    <message>
        <source>The run&apos;s iterates, also while it goes on; at the right end the newest is followed.</source>
        <translation>Die Iterierten des Laufs, auch während er läuft; ganz rechts wird der neuesten gefolgt.</translation>
    </message>
    <message>
        <source>Branch</source>
        <translation>Abzweigen</translation>
    </message>
    <message>
        <source>Goes on from the shown iterate with the seed, mask and settings as they are now (Ctrl+B).</source>
        <translation>Macht von der gezeigten Iterierten aus weiter, mit Startwert, Maske und Einstellungen, wie sie jetzt sind (Strg+B).</translation>
    </message>
    <message>
        <source>step %1 of %2</source>
        <translation>Schritt %1 von %2</translation>
    </message>
    <message>
        <source>, rep. %1</source>
        <translation>, Wdh. %1</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>none were kept</source>
        <translation>keine aufgehoben</translation>
    </message>
    <message>
        <source>, preview</source>
        <translation>, Vorschau</translation>
    </message>
</context>
<context>
    <name>ToolBars</name>
    <message>
        <source>Light colours</source>
        <translation>Helle Farben</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>The language changes with the next start.</source>
        <translation>Die Sprache wechselt mit dem nächsten Start.</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>More tools</source>
        <translation>Weitere Werkzeuge</translation>
    </message>
    <message>
        <source>Processor threads of a run</source>
        <translation>Prozessorkerne je Lauf</translation>
    </message>
    <message>
        <source>All %1</source>
        <translation>Alle %1</translation>
    </message>
</context>
<context>
    <name>TransportBar</name>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Play or pause (Space)</source>
        <translation>Abspielen oder anhalten (Leertaste)</translation>
    </message>
    <message>
        <source>Repeat</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Repeat the marked part (L)</source>
        <translation>Markierten Teil wiederholen (L)</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>Hear the song as it was instead of its stems, at the same place (A)</source>
        <translation>Der Song, wie er war, statt seiner Stimmen hören, an derselben Stelle (A)</translation>
    </message>
    <message>
        <source>Sound device</source>
        <translation>Tongerät</translation>
    </message>
    <message>
        <source>Where it is played</source>
        <translation>Wo es erklingt</translation>
    </message>
    <message>
        <source>System&apos;s choice</source>
        <translation>Wahl des Systems</translation>
    </message>
    <message>
        <source>No sound device: everything but listening works.</source>
        <translation>Kein Tongerät: alles außer Anhören geht.</translation>
    </message>
    <message>
        <source>Waiting until the file is read that far…</source>
        <translation>Wartet, bis die Datei so weit gelesen ist…</translation>
    </message>
</context>
<context>
    <name>ViewBar</name>
    <message>
        <source>What of each cell is shown</source>
        <translation>Was von jeder Zelle gezeigt wird</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Noisy state</source>
        <translation>Verrauschter Zustand</translation>
    </message>
    <message>
        <source>Residual</source>
        <translation>Residuum</translation>
    </message>
    <message>
        <source>Mean of the samples</source>
        <translation>Mittel der Stichproben</translation>
    </message>
    <message>
        <source>Spread of the samples</source>
        <translation>Streuung der Stichproben</translation>
    </message>
    <message>
        <source>Error map</source>
        <translation>Fehlerkarte</translation>
    </message>
    <message>
        <source>Which error map</source>
        <translation>Welche Fehlerkarte</translation>
    </message>
    <message>
        <source>What errors are held against</source>
        <translation>Woran Fehler gemessen werden</translation>
    </message>
    <message>
        <source>against the reference</source>
        <translation>gegen die Referenz</translation>
    </message>
    <message>
        <source>against the marked cell</source>
        <translation>gegen die vorgemerkte Zelle</translation>
    </message>
    <message>
        <source>Iterate</source>
        <translation>Zwischenstand</translation>
    </message>
    <message>
        <source>Iterate of all cells; at the right end their results</source>
        <translation>Zwischenstand aller Zellen; am rechten Ende ihre Ergebnisse</translation>
    </message>
    <message>
        <source>The figure below each cell</source>
        <translation>Die Kennzahl unter jeder Zelle</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>Karte</translation>
    </message>
    <message>
        <source>Held</source>
        <translation>Gehalten</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>Zahl</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>quick</source>
        <translation>schnell</translation>
    </message>
    <message>
        <source>balanced</source>
        <translation>ausgewogen</translation>
    </message>
    <message>
        <source>best</source>
        <translation>gründlich</translation>
    </message>
    <message>
        <source>paper</source>
        <translation>wie im Artikel</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>exakt</translation>
    </message>
    <message>
        <source>for large photos</source>
        <translation>für große Fotos</translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>Restores photos by diffusion posterior sampling, live.</source>
        <translation>Restauriert Fotos durch Diffusions-Posterior-Sampling, live.</translation>
    </message>
    <message>
        <source>Photos to open; without any the last session, or the sample photo.</source>
        <translation>Zu öffnende Fotos; ohne: die letzte Sitzung oder das Beispielfoto.</translation>
    </message>
    <message>
        <source>Open the sample photo.</source>
        <translation>Das Beispielfoto öffnen.</translation>
    </message>
    <message>
        <source>Language of the window: %1.</source>
        <translation>Sprache des Fensters: %1.</translation>
    </message>
</context>
</TS>
