package intake

// message says what is wrong and what to do about it.
type message struct{ sv, en, doSV, doEN string }

// words are the texts of the problems. The keys are our own and are not shown.
var words = map[string]message{
	"purpose": {
		"Det framgår inte om beställningen gäller forskning eller statistik.", "The order does not say whether it is for research or statistics.",
		"Ange ändamålet.", "State the purpose.",
	},
	"form": {
		"Formulärets version är okänd.", "The version of the form is unknown.",
		"Fyll i den version som gäller i dag.", "Use today's version.",
	},
	"form.old": {
		"Beställningen är skriven på ett formulär som inte längre tas emot.", "The order is written on a form that is no longer taken in.",
		"För över svaren till dagens formulär (form 2): ett utkast gör det när det öppnas, utan att ett svar går förlorat.", "Carry the answers over to today's form (form 2): a draft does so when it is opened, without losing an answer.",
	},
	"child.kind": {
		"Det framgår inte hur ärendet hänger ihop med det tidigare.", "It is not said how the case continues the earlier one.",
		"Ange ändring, förlängning, förnyat uttag eller längre bevarande.", "Say amendment, extension, renewed extract or longer retention.",
	},
	"child.parent": {
		"Det tidigare ärendets nummer saknas.", "The number of the earlier case is missing.",
		"Ange ärendenumret.", "Give the case number.",
	},
	"child.reason": {
		"Skälet till följdärendet saknas.", "The reason for continuing the case is missing.",
		"Skriv med en mening varför du fortsätter ärendet.", "Say in a sentence why the case continues.",
	},
	"fixed.table": {
		"Tabellen är inte vald än.", "The table is not chosen yet.",
		"Välj tabell och variabler tillsammans med handläggaren; förslaget är en början.", "Choose table and variables with the case handler; the proposal is a start.",
	},
	"fixed.variables": {
		"Variablerna är inte valda än.", "The variables are not chosen yet.",
		"Välj dem tillsammans med handläggaren; förslaget är en början.", "Choose them with the case handler; the proposal is a start.",
	},
	"child.retention": {
		"Det framgår inte hur länge filerna ska bevaras.", "It is not said how long the files are to be kept.",
		"Ange antal månader.", "Give the number of months.",
	},
	"title": {
		"Beställningen saknar titel.", "The order has no title.",
		"Ge den en titel.", "Give it a title.",
	},
	"principal.name": {
		"Huvudmannens eller myndighetens namn saknas.", "The name of the principal or authority is missing.",
		"Ange namnet.", "Give the name.",
	},
	"principal.kind": {
		"Det framgår inte om huvudmannen är en myndighet, likställd eller privat.", "It is not said whether the principal is an authority, equated with one or private.",
		"Välj ett av de tre.", "Choose one of the three.",
	},
	"principal.representative": {
		"Huvudmannens företrädare saknar namn eller e-postadress.", "The principal's representative lacks a name or an e-mail address.",
		"Ange båda; beslutet skickas dit.", "Give both; the decision goes there.",
	},
	"orderer": {
		"Kontaktpersonen saknar namn eller e-postadress.", "The contact lacks a name or an e-mail address.",
		"Ange båda.", "Give both.",
	},
	"email": {
		"E-postadressen är inte skriven som en adress.", "The e-mail address is not written as one.",
		"Skriv den som namn@organisation.se.", "Write it as name@organisation.se.",
	},
	"co_applicant": {
		"En medsökande saknar namn eller har en felskriven e-postadress.", "A co-applicant has no name or a miswritten e-mail address.",
		"Ange båda eller ta bort raden.", "Give both or remove the line.",
	},
	"principal.foreign": {
		"Huvudmannen är utländsk, och en sådan beställning avvisas.", "The principal is foreign, and such an order is dismissed.",
		"Beställ genom en svensk huvudman, till exempel det lärosäte som ni samarbetar med.", "Order through a Swedish principal, such as the university you work with.",
	},
	"principal.org_no": {
		"Huvudmannen saknar ett giltigt svenskt organisationsnummer.", "The principal has no valid Swedish organisation number.",
		"Rätta numret. Är huvudmannen utländsk: beställ genom en svensk huvudman, annars avvisas beställningen.", "Correct the number. If the principal is foreign, order through a Swedish one, or the order is dismissed.",
	},
	"kind.not_authority": {
		"Huvudmannen anges som myndighet, men organisationsnumret är inte en myndighets.", "The principal is said to be an authority, but its organisation number is not one's.",
		"Ange privat, eller likställd om den står i lagens bilaga.", "Say private, or equated if it stands in the act's annex.",
	},
	"kind.not_private": {
		"Huvudmannen anges som privat, men organisationsnumret är en myndighets, kommuns eller regions.", "The principal is said to be private, but the number belongs to an authority, municipality or region.",
		"Ange myndighet eller rätta numret.", "Say authority or correct the number.",
	},
	"principal.equated_as": {
		"Det framgår inte varför huvudmannen är likställd med en myndighet.", "It is not said why the principal is equated with an authority.",
		"Ange organet och verksamheten som de står i bilagan till offentlighets- och sekretesslagen.", "Give body and activity as they stand in the annex of the act.",
	},
	"project.questions": {
		"Det framgår inte vad uppgifterna ska användas till.", "It is not said what the data are for.",
		"Beskriv frågorna.", "Describe the questions.",
	},
	"project.end": {
		"Projektets slut ligger inte efter dess start.", "The project does not end after it starts.",
		"Rätta datumen.", "Correct the dates.",
	},
	"project.over": {
		"Projektet är redan slut.", "The project has ended already.",
		"Rätta slutdatumet; efter projektets slut finns inget ändamål kvar.", "Correct the end; after the project no purpose is left.",
	},
	"project.deliveries": {
		"Antalet uttag saknas.", "The number of withdrawals is missing.",
		"Ange hur många uttag som behövs, minst ett.", "Say how many are needed, at least one.",
	},
	"thesis": {
		"Uppsatser och examensarbeten inom utbildning på grundnivå eller avancerad nivå är inte forskning enligt lagen.", "Theses within basic or advanced studies are not research in the sense of the act.",
		"Använd den öppna statistiken, eller låt huvudmannen beställa för ett forskningsprojekt.", "Use the open statistics, or let the principal order for a research project.",
	},
	"thesis.title": {
		"Titeln talar om en uppsats eller ett examensarbete, som inte är forskning enligt lagen.", "The title speaks of a student thesis, which is not research in the sense of the act.",
		"Svara på frågan om uppsats. Svaret nej behöver stöd i projektbeskrivningen.", "Answer the question on theses. A no needs support in the project plan.",
	},
	"thesis.unanswered": {
		"Det framgår inte om arbetet är en uppsats inom en utbildning.", "It is not said whether the work is a thesis within studies.",
		"Svara ja eller nej. En doktorsavhandling är forskning.", "Answer yes or no. A doctoral thesis is research.",
	},
	"researchers": {
		"Huvudmannen är privat, och då kan ett förbehåll binda dem som arbetar med uppgifterna. De är inte namngivna.", "The principal is private, so a restriction may bind those who work with the data. They are not named.",
		"Namnge forskarna.", "Name the researchers.",
	},
	"researcher": {
		"En rad bland forskarna är tom.", "A line among the researchers is empty.",
		"Skriv namnet eller ta bort raden.", "Write the name or remove the line.",
	},
	"data": {
		"Inget register är valt.", "No register is chosen.",
		"Välj minst ett.", "Choose at least one.",
	},
	"register": {
		"Registret finns inte i katalogen.", "The register is not in the catalogue.",
		"Välj ett register ur katalogen.", "Choose one from the catalogue.",
	},
	"period": {
		"Perioden slutar innan den börjar.", "The period ends before it begins.",
		"Rätta datumen.", "Correct the dates.",
	},
	"benefits": {
		"Ingen förmån är vald.", "No benefit is chosen.",
		"Ange vilka förmåner det gäller.", "Name the benefits.",
	},
	"benefit": {
		"Förmånen finns inte i registret %s.", "The benefit is not in the register %s.",
		"Välj en av registrets förmåner.", "Choose one of the register's benefits.",
	},
	"need": {
		"Varken tabell eller behov är angivet.", "Neither table nor need is given.",
		"Välj tabell och variabler, eller beskriv behovet med egna ord.", "Choose table and variables, or describe the need in your own words.",
	},
	"table": {
		"Tabellen finns inte i registret.", "The table is not in the register.",
		"Välj en av registrets tabeller.", "Choose one of the register's tables.",
	},
	"shape": {
		"Tabellen lämnas inte ut i den formen.", "The table is not delivered in that shape.",
		"Välj en form som tabellen har.", "Choose a shape that the table has.",
	},
	"variable": {
		"Variabeln finns inte i tabellen.", "The variable is not in the table.",
		"Välj en av tabellens variabler.", "Choose one of the table's variables.",
	},
	"variable.never": {
		"Variabeln lämnas aldrig ut.", "The variable is never delivered.",
		"Ta bort den.", "Remove it.",
	},
	"variable.shape": {
		"Variabeln finns inte i den form som är vald.", "The variable does not exist in the chosen shape.",
		"Ta bort variabeln eller välj en annan form.", "Remove the variable or choose another shape.",
	},
	"chapter": {
		"Kapitlet finns inte i ICD-10-SE.", "The chapter is not one of ICD-10-SE.",
		"Skriv bokstaven eller intervallet, som F eller F00-F99.", "Write its letter or range, as F or F00-F99.",
	},
	"motive": {
		"Det framgår inte varför frågorna behöver de här uppgifterna.", "It is not said why the questions need these data.",
		"Skriv med en eller två meningar vilken fråga de besvarar.", "Say in a sentence or two which question they answer.",
	},
	"orderable": {
		"Perioden når längre än registret %s är tillräckligt komplett: till och med %s (%s).", "The period reaches past the day to which the register %s is complete enough: %s (%s).",
		"Korta perioden, vänta, eller ange att du vill ha också ofullständiga uppgifter; då prövas ett undantag.", "Shorten the period, wait, or say that you want incomplete data, too; an exception is then considered.",
	},
	"sensitive": {
		"Svaret är nej, men minst en vald uppgift rör hälsa.", "The answer is no, but at least one chosen item concerns health.",
		"Svara ja, eller ta bort uppgifterna om hälsa.", "Answer yes, or remove what concerns health.",
	},
	"sensitive.unanswered": {
		"Frågan om känsliga personuppgifter är inte besvarad.", "The question on sensitive data is not answered.",
		"Svara ja eller nej.", "Answer yes or no.",
	},
	"category": {
		"Kategorin av känsliga personuppgifter är okänd.", "The category of sensitive data is unknown.",
		"Välj en ur listan.", "Choose one from the list.",
	},
	"category.health": {
		"Valda uppgifter rör hälsa, men kategorin hälsa är inte angiven.", "Chosen items concern health, but the category health is not listed.",
		"Lägg till hälsa.", "Add health.",
	},
	"category.none": {
		"Beställningen gäller känsliga personuppgifter, men ingen kategori är angiven.", "The order is for sensitive data, but no category is listed.",
		"Ange varje kategori, så som etikgodkännandet gör.", "List each category, as the approval does.",
	},
	"category.but_no": {
		"Kategorier av känsliga personuppgifter är angivna, men svaret på frågan är nej.", "Categories of sensitive data are listed, but the answer is no.",
		"Svara ja eller ta bort kategorierna.", "Answer yes or remove the categories.",
	},
	"project_plan": {
		"Projektbeskrivning saknas.", "There is no project plan.",
		"Bifoga den.", "Attach it.",
	},
	"approval": {
		"Etikgodkännande saknas.", "There is no ethics approval.",
		"Bifoga ansökan om etikprövning och beslutet. Beslut av Överklagandenämnden för etikprövning och, före 2019, av de regionala nämnderna gäller också.", "Attach the ethics application and the decision. Decisions of the appeals board and, before 2019, of the regional boards hold, too.",
	},
	"approval.kind": {
		"Det framgår inte om det är en ansökan, en komplettering eller en ändring.", "It is not said whether it is an application, a supplement or an amendment.",
		"Välj ett av de tre.", "Choose one of the three.",
	},
	"approval.decided": {
		"Beslutets dag saknas eller har inte kommit än.", "The day of the decision is missing or still to come.",
		"Ange dagen som står i beslutet.", "Give the day that stands in the decision.",
	},
	"approval.own_decision": {
		"Två ansökningar eller ändringar pekar på samma beslut.", "Two applications or amendments point to the same decision.",
		"Bifoga vars och ens eget beslut.", "Attach the decision of each.",
	},
	"approval.number": {
		"Beslutets diarienummer saknas.", "The decision's diary number is missing.",
		"Ange det.", "Give it.",
	},
	"approval.application": {
		"Ansökan till beslutet är inte bifogad.", "The decision's application is not attached.",
		"Bifoga den undertecknade ansökan, kompletteringen eller ändringsansökan.", "Attach the signed application, supplement or amendment.",
	},
	"approval.decision": {
		"Beslutet är inte bifogat.", "The decision is not attached.",
		"Bifoga det. Varje ansökan, komplettering och ändring behöver ett beslut.", "Attach it. Each application, supplement and amendment needs a decision.",
	},
	"approval.signed": {
		"Ansökan är inte undertecknad.", "The application is not signed.",
		"Bifoga den undertecknade ansökan.", "Attach the signed one.",
	},
	"attachment.undecided": {
		"En ansökan, komplettering eller ändring är bifogad utan att något beslut anges för den.", "An application, supplement or amendment is attached, but no decision is given for it.",
		"Lägg till den bland etikbesluten.", "Add it among the ethics decisions.",
	},
	"board": {
		"Det framgår inte vilken myndighet eller nämnd som beslutade.", "It is not said which authority or board decided.",
		"Välj Etikprövningsmyndigheten, en regional nämnd eller Överklagandenämnden för etikprövning.", "Choose the Ethical Review Authority, a regional board or the appeals board.",
	},
	"board.authority": {
		"Etikprövningsmyndigheten fanns inte före 2019-01-01.", "The Ethical Review Authority did not exist before 2019-01-01.",
		"Ange den regionala nämnden eller Överklagandenämnden för etikprövning, eller rätta dagen.", "Name the regional board or the appeals board, or correct the day.",
	},
	"board.regional": {
		"De regionala nämnderna beslutade 2004–2018.", "The regional boards decided in 2004–2018.",
		"Rätta dagen eller nämnden.", "Correct the day or the board.",
	},
	"board.appeals": {
		"Överklagandenämnden för etikprövning har beslutat sedan 2004.", "The appeals board has decided since 2004.",
		"Rätta dagen.", "Correct the day.",
	},
	"annexes": {
		"Ansökan har %d bilagor, och %d är bifogade.", "The application has %d annexes, and %d are attached.",
		"Bifoga dem som saknas och ange vilken ansökan de hör till.", "Attach those missing and say which application they belong to.",
	},
	"annex.of": {
		"Det framgår inte vilken handling bilagan hör till.", "It is not said which document the annex belongs to.",
		"Ange handlingen.", "Name the document.",
	},
	"supplement.named": {
		"Kompletteringen hänvisar till ett beslut som inte nämner den.", "The supplement refers to a decision that does not name it.",
		"Kontrollera att beslutet nämner kompletteringen och ange det, eller bifoga dess eget beslut.", "Check that the decision names the supplement and say so, or attach its own decision.",
	},
	"amendment.before": {
		"Ändringen är beslutad före det som den ändrar.", "The amendment was decided before what it amends.",
		"Rätta dagarna.", "Correct the days.",
	},
	"approval.lapsed": {
		"Projektet börjar mer än två år efter etikgodkännandet, som då kan ha upphört att gälla.", "The project begins more than two years after the approval, which may then have lapsed.",
		"Rätta startdatumet eller sök ett nytt godkännande.", "Correct the start or seek a new approval.",
	},
	"cover.population": {
		"Etikgodkännandet har inget angivet stöd för populationen.", "No support for the population is stated from the approval.",
		"Ange var i ansökan den beskrivs.", "Say where in the application it is described.",
	},
	"cover.benefit": {
		"Etikgodkännandet har inget angivet stöd för förmånen %s.", "No support for the benefit %s is stated from the approval.",
		"Ange var den nämns. Nämns den inte behövs en ändringsansökan, eller ta bort förmånen.", "Say where it is named. If it is not, seek an amendment or remove the benefit.",
	},
	"cover.diagnosis": {
		"Etikgodkännandet har inget angivet stöd för diagnoser.", "No support for diagnoses is stated from the approval.",
		"Ange var diagnoser från Försäkringskassan nämns, alla eller vilka kapitel, eller ta bort diagnos.", "Say where diagnoses from Försäkringskassan are named, all or which chapters, or remove the diagnosis.",
	},
	"cover.withdrawals": {
		"Flera uttag behövs, men etikgodkännandet har inget angivet stöd för det.", "Several withdrawals are needed, but no support is stated from the approval.",
		"Ange var ansökan säger det, eller begär ett uttag.", "Say where the application states it, or ask for one.",
	},
	"cover.kept_key": {
		"Nyckeln ska sparas, men etikgodkännandet har inget angivet stöd för det.", "The key is to be kept, but no support is stated from the approval.",
		"Ange var ansökan säger det, eller avstå.", "Say where the application states it, or do without.",
	},
	"cover.linkage": {
		"Uppgifterna ska samköras, men etikgodkännandet har inget angivet stöd för det.", "The data will be linked, but no support is stated from the approval.",
		"Ange var ansökan nämner samkörningen.", "Say where the application names the linkage.",
	},
	"cover.identified": {
		"Personnummer begärs i leveransen, men etikgodkännandet har inget angivet stöd för det.", "Personal identity numbers are asked for, but no support is stated from the approval.",
		"Ange var ansökan säger det, eller ta emot löpnummer.", "Say where the application states it, or accept löpnummer.",
	},
	"cover.source": {
		"Det framgår inte att etikansökan säger att uppgifterna kommer från Försäkringskassan: %s.", "It is not stated that the ethics application says that the data come from Försäkringskassan: %s.",
		"Ange det om ansökan säger så, annars behövs en ändringsansökan.", "Say so if the application does; if not, an amendment is needed.",
	},
	"cover.motivated": {
		"Det framgår inte var etikansökan motiverar uppgifterna med forskningsfrågorna.", "It is not stated where the ethics application motivates the data by the research questions.",
		"Ange var.", "Say where.",
	},
	"cover.category": {
		"Etikgodkännandet har inget angivet stöd för den känsliga kategorin %s.", "No support for the sensitive category %s is stated from the approval.",
		"Ange var den nämns, eller ta bort kategorin.", "Say where it is named, or remove the category.",
	},
	"cover.principal": {
		"Det framgår inte att etikgodkännandet gäller huvudmannen.", "It is not stated that the approval covers the principal.",
		"Ange var huvudmannen nämns.", "Say where the principal is named.",
	},
	"cover.other_principal": {
		"Etikgodkännandet anges gälla en annan huvudman än den som beställer.", "The approval is said to cover another principal than the one that orders.",
		"Beställ genom den godkända huvudmannen, eller sök ändring.", "Order through the approved principal, or seek an amendment.",
	},
	"cover.period": {
		"Det framgår inte vilken period etikgodkännandet omfattar.", "It is not stated which period the approval covers.",
		"Ange var perioden står.", "Say where the period stands.",
	},
	"cover.period_days": {
		"Den godkända periodens dagar saknas eller är omkastade.", "The days of the approved period are missing or reversed.",
		"Ange första och sista dag.", "Give the first and the last day.",
	},
	"cover.period_early": {
		"Perioden börjar före den godkända, som börjar %s.", "The period begins before the approved one, which begins %s.",
		"Korta perioden eller sök ändring.", "Shorten the period or seek an amendment.",
	},
	"cover.period_late": {
		"Perioden slutar efter den godkända, som slutar %s.", "The period ends after the approved one, which ends %s.",
		"Korta perioden eller sök ändring.", "Shorten the period or seek an amendment.",
	},
	"limit": {
		"Det framgår inte om etikgodkännandet gäller alla diagnoser eller vissa kapitel.", "It is not stated whether the approval covers all diagnoses or some chapters.",
		"Skriv all, eller kapitlen som F, I.", "Write all, or the chapters as F, I.",
	},
	"chapters.all": {
		"Beställningen gäller alla diagnoser, men godkännandet är begränsat till kapitel %s.", "The order is for all diagnoses, but the approval is limited to chapters %s.",
		"Begränsa beställningen till kapitlen.", "Limit the order to them.",
	},
	"chapters.more": {
		"Kapitlet ligger utanför godkännandet, som är begränsat till %s.", "The chapter lies outside the approval, which is limited to %s.",
		"Ta bort kapitlet eller sök ändring.", "Remove the chapter or seek an amendment.",
	},
	"cover.attachment": {
		"Det framgår inte i vilken etikhandling stödet finns: %s.", "It is not stated in which ethics document the support stands: %s.",
		"Välj handlingen.", "Choose the document.",
	},
	"cover.page": {
		"Det framgår inte på vilken sida stödet finns: %s.", "It is not stated on which page the support stands: %s.",
		"Ange sidan.", "Give the page.",
	},
	"recipient": {
		"Mottagaren saknar namn eller organisationsnummer.", "The recipient lacks a name or an organisation number.",
		"Ange båda.", "Give both.",
	},
	"processing_agreement": {
		"Mottagaren är en annan än huvudmannen, och personuppgiftsbiträdesavtal saknas.", "The recipient is not the principal, and there is no data processing agreement.",
		"Bifoga avtalet.", "Attach the agreement.",
	},
	"population.kind": {
		"Det framgår inte om populationen är personer eller organisationer.", "It is not said whether the population is persons or organisations.",
		"Välj ett av de två.", "Choose one of the two.",
	},
	"population.traders": {
		"Det framgår inte om enskilda näringsidkare ska vara med bland organisationerna.", "It is not said whether sole traders are among the organisations.",
		"Ange det. De är personer: deras organisationsnummer är ett personnummer.", "Say so. They are persons: their organisation number is a personal identity number.",
	},
	"population.organisations": {
		"Uppgifterna i %s gäller personer och kan inte beställas för organisationer.", "The data in %s are of persons and cannot be ordered for organisations.",
		"Beställ dem för sig, med en population av personer.", "Order them by themselves, with a population of persons.",
	},
	"population.definition": {
		"Populationen är inte beskriven.", "The population is not described.",
		"Beskriv den.", "Describe it.",
	},
	"population.size": {
		"Populationens storlek saknas.", "The size of the population is missing.",
		"Ange hur många personer den högst omfattar.", "Give the largest number of persons.",
	},
	"population.holder": {
		"Det framgår inte vem som har populationsfilen.", "It is not said who holds the population file.",
		"Ange vem.", "Say who.",
	},
	"population.ready": {
		"Intyg om att populationsfilen är klar saknas.", "There is no attestation that the population file is ready.",
		"Intyga att den är klar, vilken dag och av vem.", "Attest that it is ready, on which day and by whom.",
	},
	"population.ready_on": {
		"Intyget om att populationsfilen är klar saknar dag, eller dagen har inte kommit.", "The attestation that the population file is ready has no day, or the day is still to come.",
		"Ange dagen då filen blev klar. Skicka in beställningen när den är det.", "Give the day on which it was ready. Submit once it is.",
	},
	"population.source": {
		"Det framgår inte om populationen kommer som fil eller väljs ur registren.", "It is not said whether the population comes as a file or is drawn from the registers.",
		"Välj ett av de två.", "Choose one of the two.",
	},
	"column.name": {
		"En kolumn saknar namn eller har samma namn som en annan.", "A column has no name or the same as another.",
		"Ge den ett eget namn.", "Give it a name of its own.",
	},
	"column.identity": {
		"Identitetsnumret är inte en extra kolumn.", "The identity number is not a further column.",
		"Ta bort raden; filen har alltid identitetsnumret.", "Remove the line; the file always holds it.",
	},
	"column.type": {
		"Kolumnens typ är okänd.", "The type of the column is unknown.",
		"Ange date, int eller code.", "Say date, int or code.",
	},
	"column.use": {
		"Kolumnens bruk är okänt, eller den ska styra uttaget utan att vara ett datum.", "The use of the column is unknown, or it is to steer without being a date.",
		"Ange steer, pass eller drop; bara datum styr.", "Say steer, pass or drop; only dates steer.",
	},
	"delimited_unit": {
		"Det framgår inte att den statistiska verksamheten är avgränsad hos er.", "It is not said that the statistical activity is a delimited unit.",
		"Bekräfta det, eller kontakta oss om den inte är det.", "Confirm it, or contact us if it is not.",
	},
	"duty": {
		"Avgiftsfrihet begärs utan att någon särskilt beslutad uppgiftslämnarskyldighet anges.", "No fee is asked for, but no specially decided duty to supply data is given.",
		"Ange bestämmelsen, eller godta avgift.", "Give the provision, or accept a fee.",
	},
	"duty.provision": {
		"Uppgiftslämnarskyldigheten är inte angiven som en bestämmelse.", "The duty to supply data is not given as a provision.",
		"Ange författning och paragraf.", "Give act and section.",
	},
	"wished_date": {
		"Önskat leveransdatum är inte ett datum.", "The wished date is not a date.",
		"Skriv ÅÅÅÅ-MM-DD.", "Write YYYY-MM-DD.",
	},
	"wished_date.past": {
		"Önskat leveransdatum har redan varit.", "The wished date has passed.",
		"Ange en kommande dag.", "Give a day to come.",
	},
	"retention_months": {
		"Bevarandetiden är inte mellan 0 och 120 månader.", "The retention is not between 0 and 120 months.",
		"Ange högst 120 månader.", "Give at most 120 months.",
	},
	"retention_reason": {
		"Det framgår inte varför filerna ska sparas längre än sex månader.", "It is not said why the files are to be kept longer than six months.",
		"Ange skälet.", "Give the reason.",
	},
	"keep_key_until": {
		"Det framgår inte till vilken dag nyckeln ska sparas.", "It is not said until which day the key is to be kept.",
		"Skriv ÅÅÅÅ-MM-DD.", "Write YYYY-MM-DD.",
	},
	"kept_key.past": {
		"Dagen till vilken nyckeln ska sparas har redan varit.", "The day until which the key is to be kept has passed.",
		"Ange en kommande dag.", "Give a day to come.",
	},
	"kept_key.project": {
		"Nyckeln ska sparas längre än projektet pågår.", "The key is to be kept longer than the project lasts.",
		"Ange en dag inom projektet.", "Give a day within the project.",
	},
	"formats": {
		"Inget filformat är valt.", "No file format is chosen.",
		"Välj minst ett.", "Choose at least one.",
	},
	"invoice": {
		"Fakturareferens saknas.", "The invoice reference is missing.",
		"Ange den.", "Give it.",
	},
	"peppol": {
		"Peppoladressen är inte skriven som en adress.", "The Peppol address is not written as one.",
		"Skriv schema och nummer, som 0007:2021005489.", "Write scheme and number, as 0007:2021005489.",
	},
	"attachment.id": {
		"Bilagan saknar ett eget id.", "The attachment has no id of its own.",
		"Ge den ett.", "Give it one.",
	},
	"attachment.name": {
		"Bilagan saknar namn.", "The attachment has no name.",
		"Namnge den så att innehållet framgår.", "Name it so that its content is clear.",
	},
	"attachment.tells": {
		"Bilagans namn säger inte vad den innehåller.", "The attachment's name does not say what it holds.",
		"Döp om den efter innehållet, till exempel Etikansökan med bilagor.", "Rename it after its content, such as Ethics application with annexes.",
	},
}
